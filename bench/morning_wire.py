"""One keep-alive connection to a server, as thin as it can be: what loads must not cost what is measured."""

import asyncio
import json
from typing import Any, NamedTuple


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Failed(Exception):
    """An answer nobody hoped for: where, its status, and its code of a problem."""


class Line:
    """Used by one task at a time. Opened anew when the server has closed it meanwhile."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
        """``headers``: lines that end with CR and LF."""
        if self._reader is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        assert self._writer
        length = f"Content-Length: {len(body)}\r\n" if method != "GET" else ""
        self._writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n".encode() + body)
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        said = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        if said.get("transfer-encoding") == "chunked":
            return Answer(int(status.split()[1]), said, b"".join([part async for part in self._chunks()]))
        return Answer(int(status.split()[1]), said, await self._reader.readexactly(int(said.get("content-length", 0))))

    async def _chunks(self) -> Any:
        assert self._reader
        while size := int(await self._reader.readline(), 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()

    async def done(self, method: str, path: str, headers: str = "", body: bytes = b"", *, status: int = 200) -> Answer:
        """The answer, if it is this one. Raises Failed."""
        answer = await self.ask(method, path, headers, body)
        if answer.status != status:
            code = answer.json.get("code", "") if answer.headers.get("content-type", "").find("json") > 0 else ""
            raise Failed(f"{method} {path.partition('?')[0]}: {answer.status} {code}")
        return answer


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"


def cookie(token: str) -> str:
    """As a browser on our own pages sends it."""
    return (
        f"Cookie: __Host-session={token}\r\nOrigin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    )
