"""One server process, or several that share one door."""

import contextlib
import os
import resource
import socket
import tempfile
import time
from types import FrameType

import uvicorn

from svastha.kit.log import set_up
from svastha.settings import Settings

from .children import GLANCE, Process, finish, heed_signals
from .equip import CannotStart
from .patience import LIMITS

BACKLOG = 2048
FILES = 8192  # open at once: every connection is one, and a shell often allows 1,024
TOGETHER = "PROMETHEUS_MULTIPROC_DIR"  # its library adds up what processes with this folder have measured


def server(settings: Settings) -> uvicorn.Server:
    """Loaded and ready to run; there need not be a database yet."""
    from svastha.main import create_app, create_site
    from svastha.wiring import build

    class Server(uvicorn.Server):
        """Ends the open streams before it waits for requests to end: a stream is a request that never would."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.state.watch.stop()
            super().handle_exit(sig, frame)

    set_up(settings.log_level)
    _allow_files()
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
        backlog=BACKLOG,
        timeout_graceful_shutdown=3,
        **LIMITS,
    )
    return Server(config)


def _allow_files() -> None:
    """As many as are needed, or as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < allowed:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def serve_many(settings: Settings) -> None:
    """Until a signal asks to stop. Whichever process ends by itself is replaced; all end with this one."""
    heed_signals()
    processes: list[Process] = []
    with _open(settings.host, settings.port) as door, tempfile.TemporaryDirectory() as measures:
        arguments = ["serve", "--door", str(door.fileno())]
        environ = {**os.environ, TOGETHER: measures}
        try:
            for number in range(1, settings.processes + 1):
                processes.append(Process(f"server {number}", arguments, environ, doors=[door.fileno()]))
            while True:
                time.sleep(GLANCE)
                for process in processes:
                    process.mend()
        except KeyboardInterrupt:
            pass
        finally:
            finish(processes)


def _open(host: str, port: int) -> socket.socket:
    """Raises CannotStart."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as trouble:
        raise CannotStart(f"Svastha cannot listen on {host}, port {port}: {trouble.strerror}.") from None
