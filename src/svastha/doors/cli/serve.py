"""One server process."""

import uvicorn

from svastha.kit.log import set_up
from svastha.settings import Settings


def serve(settings: Settings) -> None:
    from svastha.main import create_site
    from svastha.wiring import build

    set_up(settings.log_level)
    uvicorn.run(
        create_site(build(settings)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=64 * 1024,
    )
