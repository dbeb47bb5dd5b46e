"""A server with nothing in it: what somebody would write by hand who knew every statement and answer beforehand.

    python -m bench.search_bare <script> <port>

The same server software as the product's, one connection handed over after the other, and for each address the very
statements that the product sends, with their values. It reads no parameters and checks nothing.
"""

import asyncio
import json
import pickle
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import uvicorn

from svastha.kit.connections import SETTINGS, prepare

CONSTANT = "/constant"
CONNECTIONS = 8  # to one database, as a server of the product has
JSON = (b"content-type", b"application/json")


class Statement(NamedTuple):
    place: str  # the database
    sql: str
    values: tuple[Any, ...]


class Script(NamedTuple):
    """By address: the statements, and what follows in the answer after the items that the last of them says."""

    dsn: str
    answers: dict[str, tuple[list[Statement], str | None]]
    constant: bytes


class Bare:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._idle: dict[str, asyncio.LifoQueue[Any]] = {}

    async def open(self) -> None:
        places: dict[str, dict[str, Statement]] = {}
        for statements, _ in self._script.answers.values():
            for one in statements:
                places.setdefault(one.place, {})[one.sql] = one
        for place, distinct in places.items():
            self._idle[place] = asyncio.LifoQueue()
            many = await asyncio.gather(*(self._opened(place, distinct.values()) for _ in range(CONNECTIONS)))
            for connection in many:
                self._idle[place].put_nowait(connection)

    async def _opened(self, place: str, distinct: Iterable[Statement]) -> Any:
        """A connection that has planned each of these statements."""
        settings = {**SETTINGS, "plan_cache_mode": "force_generic_plan"}
        connection = await asyncpg.connect(self._script.dsn, database=place, server_settings=settings)
        await prepare(connection)
        for one in distinct:
            await connection.fetch(one.sql, *one.values)
        return connection

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            query = scope["query_string"].decode()
            body = await self._body(scope["path"] + (f"?{query}" if query else ""))
            headers = [JSON, (b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _body(self, address: str) -> bytes:
        if address == CONSTANT:
            return self._script.constant
        statements, after = self._script.answers[address]
        said = "[]"
        for one in statements:
            idle = self._idle[one.place]
            connection = await idle.get()
            try:
                rows = await connection.fetch(one.sql, *one.values)
            finally:
                idle.put_nowait(connection)
            if one is statements[-1] and isinstance(rows[0][0], str):
                said = rows[0][0]
        cursor = "" if after is None else f',"next_cursor":{json.dumps(after) if after else "null"}'
        return f'{{"items":{said}{cursor}}}'.encode()


async def main(script: Script, port: int) -> None:
    app = Bare(script)
    await app.open()
    config = uvicorn.Config(
        app, port=port, log_config=None, access_log=False, server_header=False, lifespan="off", http="httptools"
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(pickle.loads(Path(sys.argv[1]).read_bytes()), int(sys.argv[2])))
