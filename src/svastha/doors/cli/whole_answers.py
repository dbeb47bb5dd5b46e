"""An answer that is all there goes out in one piece. Uvicorn writes its head and its body apart, which is two calls of
the system, and looks at each header by itself."""

from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

LARGEST = 64 * 1024  # bytes of a body that is copied behind its head
BODILESS = (204, 304)
# Uvicorn has a say in the first two; the last is nothing to keep.
OWN_WAY = (b"connection", b"transfer-encoding", b"set-cookie")


class WholeAnswers:
    """The application between uvicorn and ours, for one request. Whatever is out of the ordinary is left to uvicorn."""

    def __init__(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._cycle, self._app, self._start, self._length = cycle, app, None, 0

    async def __call__(self, scope: Any, receive: Any, _send: Any) -> None:
        await self._app(scope, receive, self._send)

    async def _send(self, message: Any) -> None:
        start, self._start = self._start, None
        if start is None:
            length = _length_of(message) if message["type"] == "http.response.start" else None
            if length is None:
                await self._cycle.send(message)
            else:
                self._start, self._length = message, length  # its body follows
        elif piece := self._whole(start, message):
            self._cycle.response_started = self._cycle.response_complete = True
            self._cycle.waiting_for_100_continue = False
            self._cycle.transport.write(piece)
            self._cycle.message_event.set()
            self._cycle.on_response()
        else:
            await self._cycle.send(start)
            await self._cycle.send(message)

    def _whole(self, start: Any, message: Any) -> bytes | None:
        cycle, body = self._cycle, message.get("body", b"")
        if (
            cycle.response_started
            or cycle.disconnected
            or cycle.flow.write_paused
            or not cycle.keep_alive
            or cycle.scope["method"] == "HEAD"
            or message["type"] != "http.response.body"
            or message.get("more_body", False)
            or len(body) != self._length
        ):
            return None
        lines = [_line(*header) for header in (*cycle.default_headers, *start["headers"])]
        if b"" in lines:
            return None
        return b"".join([STATUS_LINE[start["status"]], *lines, b"\r\n", body])


def _length_of(start: Any) -> int | None:
    """Of the body that follows at once. None where it may not, or is not for us."""
    if start["status"] in BODILESS:
        return 0
    for name, value in start.get("headers", ()):
        if name == b"content-length":
            length = int(value)
            return length if length <= LARGEST else None
    return None


@lru_cache(maxsize=1024)
def _line(name: bytes, value: bytes) -> bytes:
    """Nothing for what uvicorn has to look at."""
    name = name.lower()
    if name in OWN_WAY or HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        return b""
    return b"%b: %b\r\n" % (name, value)
