"""One worker process."""

import asyncio
import signal

import uvloop

from svastha.doors import measures
from svastha.doors.jobs.worker import Worker
from svastha.doors.pulse import beating
from svastha.kit.log import set_up
from svastha.settings import Settings


def work(settings: Settings) -> None:
    from svastha.wiring import build

    async def run() -> None:
        house = build(settings)
        worker = Worker(house)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, worker.stop)
        async with beating(house):
            await worker.run()
        await house.bell.close()
        await house.connections.close()

    set_up(settings.log_level)
    with measures.served(settings):
        uvloop.run(run())
