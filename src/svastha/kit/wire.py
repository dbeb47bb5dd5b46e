"""How the processes of one house hear of each other's commits: PostgreSQL itself, unless wiring.py says otherwise."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import asyncpg

from svastha.kit.connections import Connections

CHANNEL = "svastha"


class WireLost(Exception):
    """It was cut, or cannot be reached. Nothing is lost but moments: everybody also looks by themselves."""


class Wire(Protocol):
    """What is sent while nobody listens is gone."""

    async def send(self, texts: Sequence[str]) -> None: ...

    async def listen(self, heard: Callable[[str], None], *, ready: Callable[[], None]) -> None:
        """Calls ``ready`` once it listens, then ``heard`` with every text. Ends by raising WireLost."""

    async def close(self) -> None: ...


class OverPostgres:
    """NOTIFY in one database, outside the transactions that are told of: a commit that notifies would make every other
    such commit wait for it."""

    def __init__(self, connections: Connections, database: str) -> None:
        self._connections, self._database = connections, database

    async def close(self) -> None:
        """The connections are the house's."""

    async def send(self, texts: Sequence[str]) -> None:
        async with self._connections.borrowed(self._database) as connection:
            await connection.execute("SELECT pg_notify($1, text) FROM unnest($2::text[]) text", CHANNEL, list(texts))

    async def listen(self, heard: Callable[[str], None], *, ready: Callable[[], None]) -> None:
        def tell(_connection: Any, _pid: int, _channel: str, text: str) -> None:
            heard(text)

        connection, lost = None, asyncio.Event()
        try:
            connection = await self._connections.connect(self._database)
            connection.add_termination_listener(lambda *_: lost.set())
            await connection.add_listener(CHANNEL, tell)
            ready()
            await lost.wait()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as trouble:
            raise WireLost from trouble
        finally:
            if connection is not None:
                connection.terminate()
        raise WireLost
