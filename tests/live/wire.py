"""The two kinds of connection that stay open, spoken to the application itself: no server, no network."""

import asyncio
import json
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from litestar import Litestar

HOST = "svastha.localhost"
PATIENCE = 5.0


class Closed(Exception):
    """The server has closed, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Wire:
    """One connection: what is sent to the application, and what comes back."""

    def __init__(self, app: Any, scope: dict[str, Any]) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task = asyncio.create_task(app(scope, self._to_app.get, self._from_app.put))

    def push(self, **event: Any) -> None:
        self._to_app.put_nowait(event)

    async def pull(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._from_app.get(), PATIENCE)

    async def finished(self) -> None:
        """Raises what the application raised."""
        await asyncio.wait_for(self._task, PATIENCE)


def scope_of(kind: str, path: str, query: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws" if kind == "websocket" else "http",
        **({"method": "GET"} if kind == "http" else {"subprotocols": []}),
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": urlencode(query).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in {"host": HOST, **headers}.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "extensions": {},
    }


class Socket:
    """A web socket. ``async with`` opens it, or raises Closed if the handshake is refused."""

    def __init__(self, app: Litestar | None, path: str, query: dict[str, str], **headers: str) -> None:
        self._app, self._scope = app, scope_of("websocket", path, query, headers)

    async def __aenter__(self) -> "Socket":
        self._wire = Wire(self._app, self._scope)
        self._wire.push(type="websocket.connect")
        first = await self._wire.pull()
        if first["type"] != "websocket.accept":
            raise Closed(first["code"])
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        await self.hang_up()

    async def hang_up(self, code: int = 1006) -> None:
        self._wire.push(type="websocket.disconnect", code=code)
        await self._wire.finished()

    def text(self, text: str) -> None:
        self._wire.push(type="websocket.receive", text=text)

    def bytes(self, data: bytes) -> None:
        self._wire.push(type="websocket.receive", bytes=data)

    def say(self, /, **message: Any) -> None:
        self.text(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        event = await self._wire.pull()
        if event["type"] == "websocket.close":
            raise Closed(event["code"])
        message: dict[str, Any] = json.loads(event["text"])
        return message

    async def until(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; others before it are passed over."""
        while (message := await self.hear())["t"] != kind:
            pass
        return message

    async def closed(self) -> int:
        try:
            while True:
                await self.hear()
        except Closed as end:
            return end.code


class Stream:
    """Server-sent events. ``status`` is that of the answer; ``hear`` gives one event as its fields."""

    def __init__(self, app: Litestar | None, path: str, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self._app, self._scope = app, scope_of("http", path, {}, names)
        self._text = ""

    async def __aenter__(self) -> "Stream":
        self._wire = Wire(self._app, self._scope)
        self._wire.push(type="http.request", body=b"", more_body=False)
        start = await self._wire.pull()
        self.status: int = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        self._wire.push(type="http.disconnect")
        await self._wire.finished()

    async def hear(self) -> dict[str, str]:
        """Comments and the time to wait before coming back are passed over. Raises EOFError at the end."""
        while True:
            block, found, rest = self._text.partition("\n\n")
            if not found:
                event = await self._wire.pull()
                self._text += event["body"].decode()
                if not event.get("more_body"):
                    raise EOFError
                continue
            self._text = rest
            fields: dict[str, str] = {}
            for line in block.split("\n"):
                name, _, value = line.partition(": ")
                fields[name] = f"{fields[name]}\n{value}" if name in fields else value
            if "data" in fields:
                return fields
