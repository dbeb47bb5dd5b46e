"""What one connection may cost. Uvicorn with httptools bounds none of this: the length of a head, how slowly a request
comes, how many are sent ahead, an answer nobody reads, pieces of a message that never ends, pings that are not read.

Whoever goes too far is told so with 400 where a request can still be answered, and is cut off.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from .whole_answers import WholeAnswers

HEAD = 32 * 1024  # bytes of all that stands before a body
LINE, LINES = 8_000, 100  # bytes of an address or a header, and how many; the library for sockets takes few more
AHEAD = 8  # requests sent before the first is answered
SECONDS = 20.0  # for a head, and for a body that does not begin
SLOWEST = 1_000  # bytes of a body in a second, on average: 5 MB in 83 minutes
LINGER = 2.0  # seconds to read an answer that came before all of the request had
UNREAD = 30.0  # seconds in which nothing at all is taken of an answer
PIECES = 1_000  # frames of one message


class Requests(HttpToolsProtocol):
    """HTTP/1.1, and the handshake of sockets."""

    _timer: asyncio.TimerHandle | None = None
    _watch: asyncio.TimerHandle | None = None
    _in_head = True
    _head = 0  # bytes of it so far, those of the piece it began in aside
    _body: int | None = None  # bytes of it so far; None before and after
    _began = 0.0
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._within(SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        if self._watch:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        begun = self._in_head
        super().data_received(data)
        if begun and self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > HEAD:
                self.send_400_response("The head of this request is too long.")
        if self._timer is None and (self._in_head or self._body is not None):  # most requests come in one piece
            self._within(SECONDS)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """Raising makes it a 400."""
        sizes = [len(self.url), *[len(name) + len(value) for name, value in self.headers]]
        hosts = [value for name, value in self.headers if name == b"host"]
        if max(sizes) > LINE or len(sizes) > LINES or sum(sizes) > HEAD:
            raise ValueError("the head is too long")
        version = self.parser.get_http_version()
        if len(hosts) > 1 or (not hosts and version == "1.1") or version not in ("1.0", "1.1"):
            raise ValueError("one host has to be named, in a version we speak")
        if len(self.pipeline) >= AHEAD or not self.url.isascii():
            raise ValueError("nothing we can answer")
        super().on_headers_complete()
        self._in_time()
        self._in_head, self._body, self._began = False, 0, self.loop.time()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._body = (self._body or 0) + len(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_time()
        self._body = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._body is not None:  # the answer did not wait for the rest
            self._began = -1.0
            self._within(LINGER)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, WholeAnswers(cycle, app))

    def handle_websocket_upgrade(self) -> None:
        self._in_time()
        self._in_head, self._body = False, None
        super().handle_websocket_upgrade()
        if not getattr(self.transport.get_protocol(), "handshake_initiated", False):
            self.transport.abort()  # not understood, and uvicorn would wait for ever

    def _within(self, seconds: float) -> None:
        self._in_time()
        self._timer = self.loop.call_later(seconds, self._too_late)

    def _in_time(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _too_late(self) -> None:
        left = 0.0
        if self._body is not None and self._began >= 0:
            left = self._began + SECONDS + self._body / SLOWEST - self.loop.time()
            if self.flow.read_paused:  # it is we who do not read on
                left = SECONDS
        if left > 0:
            self._within(left)
        else:
            self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._watch:
            self._watch.cancel()

    def _look_again(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        self._watch = self.loop.call_later(UNREAD, self._taken)

    def _taken(self) -> None:
        if self.transport.get_write_buffer_size() < self._unread:
            self._look_again()
        else:
            self.transport.abort()


class Frames(WebSocketsSansIOProtocol):
    """What comes on a socket after its handshake."""

    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        if len(self.frames) > PIECES:
            self.transport.abort()

    def handle_ping(self) -> None:
        super().handle_ping()
        if not self.writable.is_set():  # asks, and does not read what is answered
            self.transport.abort()


LIMITS: dict[str, Any] = {"http": Requests, "ws": Frames, "ws_max_size": 64 * 1024, "limit_concurrency": 5_000}
"""For ``uvicorn.Config``. Connections beyond the last are told 503."""
