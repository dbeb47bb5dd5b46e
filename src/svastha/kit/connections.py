"""Connections to PostgreSQL in one cache keyed by database.

Whoever has waited longest is served first: asyncpg's own pool lets newcomers overtake, which doubled the 95th
percentile at 64 connections.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
import msgspec
import structlog

from svastha.kit.refusals import Busy

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,  # it starts, stops or recovers
    asyncpg.IdleInTransactionSessionTimeoutError,
    ConnectionError,
)
NO_ROOM = (asyncpg.InsufficientResourcesError, asyncpg.PostgresIOError)  # of connections, of memory, on the disk
STATEMENT, COMMAND = 12, 15  # seconds: PostgreSQL gives up by itself; if it does not even do that, we do
NOT_HERE = (  # it is moved, or was; see doors/cli/move.py
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ObjectNotInPrerequisiteStateError,
)
SETTINGS = {  # of every connection
    "timezone": "UTC",
    "datestyle": "ISO",  # as zulu() reads them
    # What a clinic works with is in memory. Fewer pages are better ones, in whatever order they lie.
    "random_page_cost": "1.1",
    # Plans are kept: one made while a table is nearly empty must still do when it is full.
    "enable_seqscan": "off",
}
CROWDED = 0.2  # of the patience that is left to newcomers once somebody has waited in vain

log = structlog.get_logger()


def split(address: str) -> tuple[str, str]:
    """The name of a database, and that of its server: ``name@server``, or ``name`` where the server has none."""
    name, _, server = address.partition("@")
    return name, server


# Asking a new connection about its types costs three times what opening it does, so asyncpg is told beforehand: these
# have the same numbers in every database.
ARRAYS = {  # by name: of the array, of its elements
    "bytea": (1001, 17),
    "int4": (1007, 23),
    "cidr": (651, 650),
    "timestamptz": (1185, 1184),
    "interval": (1187, 1186),
    "uuid": (2951, 2950),
}
_TYPES = [
    {
        "oid": array,
        "ns": "pg_catalog",
        "name": f"_{name}",
        "kind": b"b",
        "basetype": None,
        "elemtype": element,
        "elemdelim": b",",
        "range_subtype": None,
        "attrtypoids": None,
    }
    for name, (array, element) in ARRAYS.items()
]


class _Idle(msgspec.Struct):
    connection: Any
    since: float


async def prepare(connection: Any) -> None:
    """Tells asyncpg how the house reads what PostgreSQL sends."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(raw[1:]),
    )
    connection.get_settings().register_data_types(_TYPES)


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
        servers: Mapping[str, str] | None = None,
    ) -> None:
        """``servers``: DSNs of further servers by name. A database there is ``name@server`` wherever one is named.
        ``role``: name and password of whom to be instead of the owner, whom ``dsn`` names."""
        self.dsn, self.most, self._each, self._patience, self._longest_idle = dsn, most, each, patience, idle
        self._role, self._servers = role, servers or {}
        self.not_here: Callable[[str], None] = lambda _: None  # told of a database that is not where it was looked for
        self._places = asyncio.Semaphore(most)
        self._places_of: dict[str, asyncio.Semaphore] = {}
        self._idle: dict[str, list[_Idle]] = {}
        self._crowded: set[str] = set()  # databases in which somebody waited in vain, and nobody got anywhere since
        self._opening = asyncio.Semaphore(6)
        self._open = 0
        self._tended = monotonic()
        self.closed = False
        self.waiting = 0  # for a place
        self.refused = 0  # so far, because none was free in time

    def dsn_of(self, server: str) -> str:
        """Raises Busy for one that the settings of this process do not name."""
        if not server:
            return self.dsn
        if server not in self._servers:
            log.error("unknown_database_server", server=server)
            raise Busy(retry_after=30)
        return self._servers[server]

    async def connect(self, database: str, *, hurried: bool = True, owner: bool = False) -> Any:
        """A connection outside the cache, for its caller to close. Unhurried work may take as long as it must.

        Only the ``owner`` may change tables themselves; nothing that serves a request is the owner.
        """
        user, password = self._role if self._role and not owner else (None, None)
        name, server = split(database)
        connection = await asyncpg.connect(
            self.dsn_of(server),
            user=user,
            password=password,
            database=name,
            timeout=self._patience,
            command_timeout=COMMAND if hurried else None,
            server_settings={
                "application_name": "svastha",
                **SETTINGS,
                "idle_in_transaction_session_timeout": "30s" if hurried else "0",
                "lock_timeout": "10s" if hurried else "0",
                "statement_timeout": f"{STATEMENT}s" if hurried else "0",
            },
        )
        await prepare(connection)
        return connection

    @asynccontextmanager
    async def borrowed(self, database: str) -> AsyncIterator[Any]:
        """Raises Busy when there is no place within ``patience`` seconds, or no database. Once somebody was told so,
        whoever comes next hears it sooner, until somebody has got somewhere."""
        here = await self._place(database)
        try:
            connection = await self._found(database)
            try:
                yield connection
                self._crowded.discard(database)
            finally:
                self._put_back(database, connection)
        finally:
            self._places.release()
            here.release()

    async def _place(self, database: str) -> asyncio.Semaphore:
        """That of the database, acquired as well as the one of all."""
        here = self._places_of.setdefault(database, asyncio.Semaphore(self._each))
        if not here.locked() and not self._places.locked():  # the common case needs no clock
            await here.acquire()
            await self._places.acquire()
            return here
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patient(database)):
                await here.acquire()
                try:
                    await self._places.acquire()
                except BaseException:
                    here.release()
                    raise
        except TimeoutError:
            self._crowded.add(database)
            self.refused += 1
            raise Busy(retry_after=2) from None
        finally:
            self.waiting -= 1
        return here

    def _patient(self, database: str) -> float:
        return self._patience * (CROWDED if database in self._crowded else 1)

    async def _found(self, database: str) -> Any:
        waiting = self._idle.get(database, [])
        while waiting:
            connection = waiting.pop().connection
            if not connection.is_closed():
                return connection
            self._open -= 1
        if self._open >= self.most:
            self._close_longest_idle()
        self._open += 1
        try:
            async with asyncio.timeout(self._patient(database)), self._opening:
                return await self.connect(database)
        except BaseException as trouble:
            self._open -= 1
            if isinstance(trouble, (*LOST, *NO_ROOM, TimeoutError, OSError)):
                self._crowded.add(database)
                raise Busy(retry_after=2) from trouble
            if isinstance(trouble, NOT_HERE):
                self.not_here(database)
                raise Busy(retry_after=1) from trouble
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

    @property
    def idle(self) -> int:
        return sum(map(len, self._idle.values()))

    async def close(self) -> None:
        self.closed = True
        for idle in self._idle.values():
            while idle:
                await idle.pop().connection.close()
                self._open -= 1
