"""PostgreSQL in plain sight: SQL with named parameters in, structs out, one transaction a request.

Connections live in one cache keyed by database. Whoever has waited longest is served first: asyncpg's own pool lets
newcomers overtake, which doubled the 95th percentile at 64 connections.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from svastha.kit.crypto import Vault
from svastha.kit.i18n import N_
from svastha.kit.refusals import BadRequest, Busy, Refusal

T = TypeVar("T")

_NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_checked: set[tuple[str, type]] = set()


@lru_cache(maxsize=2048)
def positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """``:name`` for the reader, ``$1`` for the wire. Casts (``::text``) are left alone."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _NAMED.sub(number, sql), tuple(names)


class ClinicRef(msgspec.Struct, frozen=True):
    """A clinic as the rest of the house needs it: who, where, in which zone."""

    id: UUID
    slug: str
    name: str
    zone: str
    city: str
    database: str


class Unstorable(BadRequest):
    """A NUL character, half a surrogate pair, a number or an instant beyond what the database can hold."""

    code = "unstorable"
    says = N_("Something in this request cannot be stored or looked for.")


class Batch(msgspec.Struct, frozen=True):
    """``INSERT INTO … SELECT … FROM jsonb_to_recordset(:rows) AS …``, run once for all rows of a request."""

    insert: str


class Announced(msgspec.Struct, frozen=True):
    """A struct for whoever listens to its type: an event, or a job for later."""

    what: Any
    run_at: datetime | None = None
    key: str | None = None


class Tx:
    """One open transaction. What it announces and enqueues is written with it, at the door, in one statement."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._at_the_door: dict[Batch, list[dict[str, Any]]] = {}
        self.announced: list[Announced] = []

    def write_at_the_door(self, batch: "Batch", **row: Any) -> None:
        """Insert this row just before the commit, together with all others: one round trip for the whole request."""
        self._at_the_door.setdefault(batch, []).append(row)

    async def flush(self) -> None:
        if not self._at_the_door:
            return
        parts, rows = [], []
        for place, (batch, waiting) in enumerate(self._at_the_door.items(), 1):
            parts.append(f"b{place} AS ({batch.insert.replace(':rows', f'${place}')} RETURNING 1)")
            rows.append(waiting)
        self._at_the_door = {}
        try:
            await self._connection.execute(f"WITH {', '.join(parts)} SELECT 1", *rows)
        except asyncpg.DataError as trouble:
            raise Unstorable from trouble

    async def _ask(self, how: str, sql: str, named: dict[str, Any]) -> Any:
        text, names = positional(sql)
        try:
            return await getattr(self._connection, how)(text, *[named[name] for name in names])
        except asyncpg.DataError as trouble:
            raise Unstorable from trouble

    async def all(self, kind: type[T], sql: str, /, **named: Any) -> list[T]:
        rows = await self._ask("fetch", sql, named)
        if rows and (sql, kind) not in _checked:
            columns, fields = tuple(rows[0].keys()), kind.__struct_fields__  # type: ignore[attr-defined]
            if columns != fields:
                raise TypeError(f"{kind.__name__}: columns {columns} are not its fields {fields}")
            _checked.add((sql, kind))
        return [kind(*row) for row in rows]

    async def maybe(self, kind: type[T], sql: str, /, **named: Any) -> T | None:
        rows = await self.all(kind, sql, **named)
        return rows[0] if rows else None

    async def one(self, kind: type[T], sql: str, /, **named: Any) -> T:
        rows = await self.all(kind, sql, **named)
        if len(rows) != 1:
            raise LookupError(f"{kind.__name__}: {len(rows)} rows where one must be")
        return rows[0]

    async def value(self, sql: str, /, **named: Any) -> Any:
        return await self._ask("fetchval", sql, named)

    async def run(self, sql: str, /, **named: Any) -> int:
        """Returns the number of rows touched."""
        status: str = await self._ask("execute", sql, named)
        tail = status.rsplit(" ", 1)[-1]
        return int(tail) if tail.isdigit() else 0

    @asynccontextmanager
    async def refusing(self, **by_constraint: type[Refusal]) -> AsyncIterator[None]:
        """Turn the violation of a named constraint into the refusal a person can read."""
        try:
            yield
        except asyncpg.IntegrityConstraintViolationError as broken:
            refusal = by_constraint.get(broken.constraint_name or "")
            if refusal is None:
                raise
            raise refusal() from broken


class ControlTx(Tx):
    """A transaction in the control database: accounts, clinics, doctors, the directory."""


class ClinicTx(Tx):
    """A transaction in one clinic's own database."""

    def __init__(self, connection: Any, clinic: ClinicRef, vault: Vault) -> None:
        super().__init__(connection)
        self.clinic, self.vault = clinic, vault


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

    def __init__(self, dsn: str, *, most: int = 24, each: int = 8, patience: float = 5.0, idle: float = 600.0) -> None:
        self.dsn, self._most, self._each, self._patience, self._longest_idle = dsn, most, each, patience, idle
        self._places = asyncio.Semaphore(most)
        self._places_of: dict[str, asyncio.Semaphore] = {}
        self._idle: dict[str, list[_Idle]] = {}
        self._opening = asyncio.Semaphore(6)
        self._open = 0
        self._tended = monotonic()
        self.closed = False

    async def connect(self, database: str, *, hurried: bool = True) -> Any:
        """A connection outside the cache, for its caller to close. Unhurried work may take as long as it must."""
        connection = await asyncpg.connect(
            self.dsn,
            database=database,
            timeout=self._patience,
            command_timeout=30 if hurried else None,
            server_settings={
                "application_name": "svastha",
                "timezone": "UTC",
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


LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    ConnectionError,
)


STUCK = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, TimeoutError)


@asynccontextmanager
async def busy_when_lost() -> AsyncIterator[None]:
    """A database that goes away or stands still in the middle of something is a reason to ask again, not a fault."""
    try:
        yield
    except LOST as gone:
        raise Busy(retry_after=2) from gone
    except STUCK as stuck:
        raise Busy(retry_after=1) from stuck


@asynccontextmanager
async def transaction(connection: Any) -> AsyncIterator[None]:
    """BEGIN … COMMIT, and ROLLBACK on any exception. Nobody else in the house commits."""
    async with busy_when_lost():
        await connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            if not connection.is_closed():
                await connection.execute("ROLLBACK")
            raise
        await connection.execute("COMMIT")
