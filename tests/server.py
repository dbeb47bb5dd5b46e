"""A server and a worker on a free port: in this process, or as processes of their own for what only those show."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import uvicorn
from litestar import Litestar

from svastha.doors.jobs.worker import Worker
from svastha.doors.visit import House
from svastha.main import create_site
from svastha.settings import Settings


def free_port() -> int:
    """Below those that systems give to connections going out, of which one could take it before the server does."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Process:
    """``svastha serve`` or ``svastha worker``."""

    def __init__(self, command: str, settings: Settings, log: Path, **more: str) -> None:
        self.command, self.log, self.port = command, log, free_port()
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SVASTHA_")},
            "SVASTHA_MODE": settings.mode,
            "SVASTHA_PORT": str(self.port),
            "SVASTHA_BASE_URL": settings.base_url or f"http://localhost:{self.port}",
            "SVASTHA_DATABASE_URL": settings.database_url,
            "SVASTHA_DATABASE_PREFIX": settings.database_prefix,
            "SVASTHA_STATE_DIR": str(settings.state_dir),
            "SVASTHA_SECRET": settings.secret,
            "SVASTHA_MASTER_KEY": settings.master_key,
            "SVASTHA_SMTP_HOST": settings.smtp_host,
            "SVASTHA_SMTP_PORT": str(settings.smtp_port),
            "SVASTHA_SMTP_TLS": settings.smtp_tls,
            "SVASTHA_TURN_URLS": settings.turn_urls,
            "SVASTHA_TURN_SECRET": settings.turn_secret,
            "SVASTHA_LOG_LEVEL": "warning",
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "svastha", self.command], env=self._environ, stdout=log, stderr=log
            )
        if self.command == "serve":
            self._wait()

    def _wait(self) -> None:
        for _ in range(1200):
            assert self._process
            assert self._process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live"):
                return
            time.sleep(0.05)  # polls a process, not a fact of the house
        raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@contextlib.contextmanager
def running(*processes: Process) -> Iterator[None]:
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in processes:
            process.stop()


class Site(NamedTuple):
    port: int
    url: str


@contextlib.asynccontextmanager
async def serving(app: Litestar, door: socket.socket) -> AsyncIterator[Site]:
    """Server and worker as tasks of this loop, which start in no time."""

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # they are for pytest

    house: House = app.state.house
    config = uvicorn.Config(
        create_site(app),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        timeout_graceful_shutdown=3,
    )
    server, worker = Server(config), Worker(house)
    async with app.lifespan():
        tasks = [asyncio.create_task(server.serve([door])), asyncio.create_task(worker.run())]
        while not server.started:
            assert not tasks[0].done()
            await asyncio.sleep(0.01)  # polls a task that tells nobody
        try:
            yield Site(house.settings.port, house.settings.url)
        finally:
            worker.stop()
            app.state.watch.stop()
            server.should_exit = True
            await asyncio.gather(*tasks)
