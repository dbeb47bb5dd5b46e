"""One server process."""

from types import FrameType

import uvicorn

from svastha.kit.log import set_up
from svastha.settings import Settings


def serve(settings: Settings) -> None:
    from svastha.main import create_app, create_site
    from svastha.wiring import build

    class Server(uvicorn.Server):
        """Ends the open streams before it waits for requests to end: a stream is a request that never would."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.state.watch.stop()
            super().handle_exit(sig, frame)

    set_up(settings.log_level)
    app = create_app(build(settings))
    config = uvicorn.Config(
        create_site(app),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # doors/address.py decides whom to believe
        date_header=True,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=64 * 1024,
    )
    Server(config).run()
