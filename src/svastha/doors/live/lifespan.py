import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from svastha.doors.live.hub import Hub
from svastha.doors.live.relay import Relay
from svastha.doors.live.shared import Shared
from svastha.doors.live.watch import Watch
from svastha.doors.visit import House


@asynccontextmanager
async def open_live(app: Litestar) -> AsyncIterator[None]:
    """One watch and one hub for this server process, for as long as it serves."""
    house: House = app.state.house
    hub = Hub(Relay(house.calls, house.settings.secret))
    app.state.hub, app.state.watch, app.state.shared = hub, Watch(house), Shared()
    listening = asyncio.gather(app.state.watch.run(), hub.run(), house.trust.run())
    try:
        yield
    finally:
        app.state.watch.stop()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await house.calls.close()
        await house.trust.close()
