import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from litestar import Litestar

from svastha.doors.live.hub import Hub
from svastha.doors.live.relay import Relay
from svastha.doors.live.shared import Shared
from svastha.doors.live.watch import Watch
from svastha.doors.visit import House

PAUSE = 1.0  # seconds
log = structlog.get_logger()


@asynccontextmanager
async def open_live(app: Litestar) -> AsyncIterator[None]:
    """One watch and one hub for this server process, for as long as it serves."""
    house: House = app.state.house
    hub = Hub(Relay(house.calls, house.settings.secret))
    app.state.hub, app.state.watch, app.state.shared = hub, Watch(house), Shared()
    listening = asyncio.gather(*map(_always, (app.state.watch.run, hub.run, house.trust.run)))
    try:
        yield
    finally:
        app.state.watch.stop()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await house.calls.close()
        await house.trust.close()


async def _always(listen: Callable[[], Awaitable[None]]) -> None:
    """Until cancelled. None of them is meant to end: a process that hears nothing any more looks as well as ever."""
    while True:
        try:
            await listen()
        except Exception as trouble:
            log.error("listener_ended", error=type(trouble).__name__, exc_info=trouble)
        await asyncio.sleep(PAUSE)
