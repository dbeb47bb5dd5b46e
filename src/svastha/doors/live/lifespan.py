import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from svastha.doors.live.hub import Hub
from svastha.doors.live.shared import Shared
from svastha.doors.live.watch import Watch
from svastha.doors.visit import House


@asynccontextmanager
async def open_live(app: Litestar) -> AsyncIterator[None]:
    """One listener and one hub for this server process, for as long as it serves."""
    house: House = app.state.house
    app.state.hub, app.state.watch, app.state.shared = Hub(), Watch(house), Shared()
    listening = asyncio.gather(app.state.watch.run(), house.trust.run())
    try:
        yield
    finally:
        app.state.watch.stop()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await house.trust.close()
