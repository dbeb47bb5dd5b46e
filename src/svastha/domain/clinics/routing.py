from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from svastha.domain.clinics.read import placed
from svastha.kit import crypto
from svastha.kit.crypto import Vault
from svastha.kit.db import ClinicRef, Connections, ControlTx, busy_when_lost
from svastha.kit.refusals import NotFound

TRUSTED_FOR = 60.0  # seconds


class Routing:
    """From a clinic's name to its database and key. The only place that knows, so that the answer can change."""

    def __init__(self, connections: Connections, *, control: str, master_key: bytes) -> None:
        self._connections, self.control, self._master_key = (connections, control, master_key)
        self._known: dict[str, tuple[float, ClinicRef, Vault]] = {}

    @asynccontextmanager
    async def reading_control(self) -> AsyncIterator[ControlTx]:
        """For single statements that only read: no BEGIN, no COMMIT."""
        async with self._connections.borrowed(self.control) as connection, busy_when_lost():
            yield ControlTx(connection)

    @asynccontextmanager
    async def control_connection(self) -> AsyncIterator[tuple[Any, ControlTx]]:
        async with self._connections.borrowed(self.control) as connection:
            yield connection, ControlTx(connection)

    async def find(self, slug: str) -> tuple[ClinicRef, Vault]:
        """Raises NotFound for a name nobody has."""
        known = self._known.get(slug)
        if known and monotonic() - known[0] < TRUSTED_FOR:
            return known[1:]
        async with self.reading_control() as tx:
            rows = await placed(tx, slug)
        if not rows:
            self._known.pop(slug, None)
            raise NotFound
        row = rows[0]
        ref = ClinicRef(row.id, row.slug, row.name, row.zone, row.city, row.database)
        vault = Vault(row.id, crypto.unwrap(self._master_key, row.id, row.wrapped_key))
        self._known[slug] = (monotonic(), ref, vault)
        return ref, vault

    async def slugs(self) -> list[str]:
        async with self.reading_control() as tx:
            return [row.slug for row in await placed(tx)]
