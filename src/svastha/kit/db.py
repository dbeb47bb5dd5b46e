"""PostgreSQL in plain sight: SQL with named parameters in, structs out, one transaction a request."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakSet

import asyncpg
import msgspec

from svastha.kit.connections import LOST
from svastha.kit.crypto import Vault
from svastha.kit.i18n import N_
from svastha.kit.keyring import Keyring
from svastha.kit.refusals import BadRequest, Busy, Refusal

T = TypeVar("T")

_NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_checked: set[tuple[str, type]] = set()

PLAN_ONCE = "set_config('plan_cache_mode', 'force_generic_plan', true)"
_planning_once: WeakSet[Any] = WeakSet()  # connections that plan so outside of transactions


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


def zulu(at: str) -> str:
    """SQL for an instant as all our JSON has it: RFC 3339, in UTC, with a Z, from what ISO says."""
    return f"replace(({at} AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z'"


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
    """``INSERT INTO … SELECT … FROM jsonb_to_recordset(:rows) AS …``, run once for all rows of a request.

    ``refusals``: constraints by name, as in ``Tx.refusing``, in the form of pairs. What is ``read_back`` later in the
    same transaction is written before the next statement.
    """

    insert: str
    refusals: tuple[tuple[str, type[Refusal]], ...] = ()
    read_back: bool = False


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
        self.forgotten: set[UUID] = set()  # people whose rights change with this commit
        self._plans_once = False
        self._read_back = False

    def write_at_the_door(self, batch: "Batch", **row: Any) -> None:
        """Insert this row just before the commit, together with all others: one round trip for the whole request."""
        self._at_the_door.setdefault(batch, []).append(row)
        self._read_back = self._read_back or batch.read_back

    async def flush(self) -> None:
        if not self._at_the_door:
            return
        parts, rows, refusals = [], [], dict[str, type[Refusal]]()
        for place, (batch, waiting) in enumerate(self._at_the_door.items(), 1):
            parts.append(f"b{place} AS ({batch.insert.replace(':rows', f'${place}')} RETURNING 1)")
            rows.append(waiting)
            refusals.update(batch.refusals)
        self._at_the_door, self._read_back = {}, False
        async with self.refusing(**refusals):
            try:
                await self._connection.execute(f"WITH {', '.join(parts)} SELECT 1", *rows)
            except asyncpg.DataError as trouble:
                raise Unstorable from trouble

    async def _ask(self, how: str, sql: str, named: dict[str, Any]) -> Any:
        if self._read_back:
            await self.flush()
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

    async def plan_once(self) -> None:
        """From here to the end of this transaction each statement is planned for any values, once in a connection: for
        one that takes longer to plan than to carry out. Outside of a transaction, until the connection begins one."""
        if self._plans_once:
            return
        self._plans_once = True
        if self._connection.is_in_transaction():
            await self._connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        elif self._connection not in _planning_once:
            await self._connection.execute("SET plan_cache_mode = force_generic_plan")
            _planning_once.add(self._connection)

    def plans_once(self) -> None:
        """A statement that had ``PLAN_ONCE`` among what it selects has seen to it."""
        self._plans_once = True

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """To see what would come of something: all that was written or announced inside is undone again."""
        waiting = {batch: list(rows) for batch, rows in self._at_the_door.items()}
        announced, forgotten, read_back = list(self.announced), set(self.forgotten), self._read_back
        await self._connection.execute("SAVEPOINT undone")
        try:
            yield
        finally:
            self._at_the_door, self.announced, self.forgotten = waiting, announced, forgotten
            self._plans_once, self._read_back = False, read_back
            if not self._connection.is_closed():
                await self._connection.execute("ROLLBACK TO SAVEPOINT undone")

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

    def __init__(self, connection: Any, keys: Keyring) -> None:
        super().__init__(connection)
        self.keys, self.vault = keys, keys.platform


class ClinicTx(Tx):
    """A transaction in one clinic's own database."""

    def __init__(self, connection: Any, clinic: ClinicRef, vault: Vault) -> None:
        super().__init__(connection)
        self.clinic, self.vault = clinic, vault


class Full(Busy):
    """The disk of the database has no room left, or fails."""

    code = "no_room"
    says = N_("Nothing can be stored at this moment, and nothing of this was. Please try again in a few minutes.")


STUCK = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.InsufficientResourcesError,  # of memory or connections
    asyncpg.InvalidCachedStatementError,  # planned before a migration; the next one is planned anew
)


@asynccontextmanager
async def busy_when_lost(connection: Any) -> AsyncIterator[None]:
    """A database that goes away or stands still in the middle of something is a reason to ask again, not a fault."""
    try:
        yield
    except LOST as gone:
        raise Busy(retry_after=2) from gone
    except (asyncpg.DiskFullError, asyncpg.PostgresIOError) as full:
        raise Full(retry_after=60) from full
    except STUCK as stuck:
        raise Busy(retry_after=1) from stuck
    except TimeoutError as silent:  # PostgreSQL itself stands still; whoever came next would wait for it as well
        connection.terminate()
        raise Busy(retry_after=2) from silent


@asynccontextmanager
async def transaction(connection: Any) -> AsyncIterator[None]:
    """BEGIN … COMMIT, and ROLLBACK on any exception. Nobody else in the house commits."""
    async with busy_when_lost(connection):
        await connection.execute("BEGIN; SET LOCAL plan_cache_mode = auto" if connection in _planning_once else "BEGIN")
        try:
            yield
        except TimeoutError:  # nor would it answer a ROLLBACK
            raise
        except BaseException:
            if not connection.is_closed():
                await connection.execute("ROLLBACK")
            raise
        await connection.execute("COMMIT")
