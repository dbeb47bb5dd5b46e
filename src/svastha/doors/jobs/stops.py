"""Who has answered STOP is written in the control database; messages of clinics have to heed it too."""

import asyncio

from svastha.domain import notifications
from svastha.domain.clinics import Routing
from svastha.domain.notifications import Channel, Stopped
from svastha.kit.db import ClinicTx, ControlTx

AT_ONCE = 2  # jobs that hold a connection to each kind of database


def stops(routing: Routing) -> Stopped:
    few = asyncio.Semaphore(AT_ONCE)

    async def stopped(tx: ControlTx | ClinicTx, channel: Channel, number: str) -> bool:
        if isinstance(tx, ControlTx):
            return await notifications.stopped(tx, channel, number)
        async with few, routing.reading_control() as control:
            return await notifications.stopped(control, channel, number)

    return stopped
