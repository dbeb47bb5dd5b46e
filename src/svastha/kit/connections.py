"""Connections to PostgreSQL in one cache keyed by database.

Whoever has waited longest is served first: asyncpg's own pool lets newcomers overtake, which doubled the 95th
percentile at 64 connections.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
import msgspec

from svastha.kit.refusals import Busy

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    ConnectionError,
)


class _Idle(msgspec.Struct):
    connection: Any
    since: float


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(raw[1:]),
    )


class Connections:
    """At most ``most`` connections in this process and ``each`` to one database.

    Whoever waits is served in order of arrival. A place is a right to one connection: an idle one of the database, or
    else a new one, for which the longest idle of any other database makes room.
    """

    def __init__(
        self,
        dsn: str,
        *,
        most: int = 24,
        each: int = 8,
        patience: float = 5.0,
        idle: float = 600.0,
        role: tuple[str, str] | None = None,
    ) -> None:
        """``role``: name and password of whom to be instead of the owner, whom ``dsn`` names."""
        self.dsn, self._most, self._each, self._patience, self._longest_idle = dsn, most, each, patience, idle
        self._role = role
        self._places = asyncio.Semaphore(most)
        self._places_of: dict[str, asyncio.Semaphore] = {}
        self._idle: dict[str, list[_Idle]] = {}
        self._opening = asyncio.Semaphore(6)
        self._open = 0
        self._tended = monotonic()
        self.closed = False

    async def connect(self, database: str, *, hurried: bool = True, owner: bool = False) -> Any:
        """A connection outside the cache, for its caller to close. Unhurried work may take as long as it must.

        Only the ``owner`` may change tables themselves; nothing that serves a request is the owner.
        """
        user, password = self._role if self._role and not owner else (None, None)
        connection = await asyncpg.connect(
            self.dsn,
            user=user,
            password=password,
            database=database,
            timeout=self._patience,
            command_timeout=30 if hurried else None,
            server_settings={
                "application_name": "svastha",
                "timezone": "UTC",
                # What a clinic works with is in memory. Fewer pages are better ones, in whatever order they lie.
                "random_page_cost": "1.1",
                "idle_in_transaction_session_timeout": "30s" if hurried else "0",
                "lock_timeout": "10s" if hurried else "0",
            },
        )
        await _prepare(connection)
        return connection

    @asynccontextmanager
    async def borrowed(self, database: str) -> AsyncIterator[Any]:
        """Raises Busy when there is no place within ``patience`` seconds, or no database."""
        here = self._places_of.setdefault(database, asyncio.Semaphore(self._each))
        async with _within(self._patience, here), _within(self._patience, self._places):
            connection = await self._found(database)
            try:
                yield connection
            finally:
                self._put_back(database, connection)

    async def _found(self, database: str) -> Any:
        waiting = self._idle.get(database, [])
        while waiting:
            connection = waiting.pop().connection
            if not connection.is_closed():
                return connection
            self._open -= 1
        if self._open >= self._most:
            self._close_longest_idle()
        self._open += 1
        try:
            async with self._opening:
                return await self.connect(database)
        except BaseException as trouble:
            self._open -= 1
            if isinstance(trouble, (*LOST, asyncpg.TooManyConnectionsError, TimeoutError, OSError)):
                raise Busy(retry_after=2) from trouble
            raise

    def _put_back(self, database: str, connection: Any) -> None:
        if self.closed or connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
            self._open -= 1
        else:
            self._idle.setdefault(database, []).append(_Idle(connection, monotonic()))
        if monotonic() - self._tended > 60:
            self._tend()

    def _close_longest_idle(self) -> None:
        oldest = min((idle for idle in self._idle.values() if idle), key=lambda idle: idle[0].since, default=None)
        if oldest:
            oldest.pop(0).connection.terminate()
            self._open -= 1

    def _tend(self) -> None:
        self._tended = monotonic()
        for idle in self._idle.values():
            while idle and self._tended - idle[0].since > self._longest_idle:
                idle.pop(0).connection.terminate()
                self._open -= 1

    @property
    def held(self) -> int:
        return self._open

    async def close(self) -> None:
        self.closed = True
        for idle in self._idle.values():
            while idle:
                await idle.pop().connection.close()
                self._open -= 1


@asynccontextmanager
async def _within(seconds: float, gate: asyncio.Semaphore) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            await gate.acquire()
    except TimeoutError:
        raise Busy(retry_after=2) from None
    try:
        yield
    finally:
        gate.release()
