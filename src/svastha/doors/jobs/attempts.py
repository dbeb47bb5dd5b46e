"""Writes down that a message is about to leave, beside the transaction in which its job is done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from svastha.domain import notifications
from svastha.domain.clinics import Routing
from svastha.kit.connections import Connections
from svastha.kit.db import ClinicTx, ControlTx, transaction

AT_ONCE = 2  # jobs that hold two connections to one database


class Attempts:
    """Implements ``notifications.Attempts``."""

    def __init__(self, connections: Connections, routing: Routing) -> None:
        self._connections, self._routing = connections, routing
        self._few = asyncio.Semaphore(AT_ONCE)

    async def begin(self, tx: ControlTx | ClinicTx, message_id: UUID) -> None:
        async with self._beside(tx) as own:
            await notifications.begin_attempt(own, message_id)

    async def end(self, tx: ControlTx | ClinicTx, message_id: UUID) -> None:
        async with self._beside(tx) as own:
            await notifications.end_attempt(own, message_id)

    @asynccontextmanager
    async def _beside(self, tx: ControlTx | ClinicTx) -> AsyncIterator[ControlTx | ClinicTx]:
        database = tx.clinic.database if isinstance(tx, ClinicTx) else self._routing.control
        async with self._few, self._connections.borrowed(database) as connection, transaction(connection):
            if isinstance(tx, ClinicTx):
                yield ClinicTx(connection, tx.clinic, tx.vault)
            else:
                yield ControlTx(connection, tx.keys)
