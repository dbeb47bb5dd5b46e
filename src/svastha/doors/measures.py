"""What was measured, for whoever holds the token: by this process, or by all that `svastha serve` runs side by side."""

import hmac
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_INET6
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from svastha.settings import Settings

TOGETHER = "PROMETHEUS_MULTIPROC_DIR"  # the folder in which processes side by side keep their measures
KIND = CONTENT_TYPE_LATEST


def may_see(settings: Settings, authorization: str) -> bool:
    """Without a token in the settings there is nothing to see but in development."""
    if not settings.metrics_token:
        return not settings.production
    return hmac.compare_digest(authorization.encode(), f"Bearer {settings.metrics_token}".encode())


def told() -> bytes:
    """In Prometheus' own format."""
    if TOGETHER not in os.environ:
        return generate_latest(REGISTRY)
    _forget_the_dead(Path(os.environ[TOGETHER]))
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def _forget_the_dead(folder: Path) -> None:
    """Of a process that has ended, what it counted still counts; what it had open does not."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # one that asks slowly keeps nobody waiting


class _Six(_Server):
    address_family = AF_INET6


class _Silent(WSGIRequestHandler):
    timeout = 10  # seconds for a request to arrive

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """A port of its own for a process that has no other door. Gives its number; 0: none was asked for.

    In a thread, so that it answers also while the process itself hangs.
    """
    if not settings.worker_metrics_port:
        yield 0
        return

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        seen = environ["PATH_INFO"] == "/metrics" and may_see(settings, environ.get("HTTP_AUTHORIZATION", ""))
        start("200 OK" if seen else "404 Not Found", [("Content-Type", KIND if seen else "text/plain")])
        return [told() if seen else b""]

    kind = _Six if ":" in settings.host else _Server
    with make_server(settings.host, settings.worker_metrics_port, answer, kind, _Silent) as server:
        Thread(target=server.serve_forever, name="measures", daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
