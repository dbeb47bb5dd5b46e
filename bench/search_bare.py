"""A server with nothing in it: what somebody would write by hand who knew every statement and answer beforehand.

    python -m bench.search_bare <script> <port>

The same server software as the product's, one connection handed over after the other, and for each address the very
statements that the product sends, with their values. It reads no parameters and checks nothing.
"""

import asyncio
import json
import pickle
import sys
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import uvicorn

from svastha.kit.connections import _prepare

CONSTANT = "/constant"
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
        for place in {one.place for statements, _ in self._script.answers.values() for one in statements}:
            self._idle[place] = asyncio.LifoQueue()
            for _ in range(8):
                connection = await asyncpg.connect(
                    self._script.dsn,
                    database=place,
                    server_settings={
                        "plan_cache_mode": "force_generic_plan",
                        "random_page_cost": "1.1",
                        "enable_seqscan": "off",
                    },
                )
                await _prepare(connection)
                self._idle[place].put_nowait(connection)

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
