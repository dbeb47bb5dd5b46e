"""Databases for one test after the other, each as the template has them.

They are put back, which takes a third of what making them takes: nearly all of that is for the system to make 1,600
files. PostgreSQL counts what a test writes, and a connection that ends adds its share. Where it cannot be known, where
tables themselves were changed and where somebody has not left, databases are made anew.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO
from typing import Any

import asyncpg

from svastha.kit.ids import uuid7
from tests.cast import CLINICS

KINDS = ("control", *(f"clinic_{slug}" for slug in CLINICS))
WORN = 5_000  # rows written, which leave as many dead ones behind

# What a database is apart from what is in it; counters begin anew, at another time, when PostgreSQL had to recover.
FACTS = """
    SELECT d.datname, tup_inserted + tup_updated + tup_deleted,
        stats_reset, datdba::int8, datallowconn, datconnlimit, datacl::text
    FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid WHERE starts_with(d.datname, $1)
"""
WRITTEN = """
    SELECT relname, relnamespace = 'public'::regnamespace AS ours, written
    FROM pg_class, LATERAL (SELECT pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid)
        + pg_stat_get_tuples_deleted(oid) AS written)
    WHERE relkind = 'r' AND NOT relisshared AND written > 0
"""
STILL_THERE = "SELECT count(*) FROM pg_stat_activity WHERE starts_with(datname, $1) AND pid <> pg_backend_pid()"


class Content:
    """All there is in one of the templates."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}
        self.sequences: list[Any] = []

    async def read(self, connection: Any) -> None:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            rows = BytesIO()
            await connection.copy_from_table(table, output=rows, format="binary")
            self.rows[table] = rows.getvalue()
        self.sequences = await connection.fetch(
            "SELECT sequencename::regclass, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences"
        )

    async def put_into(self, connection: Any, tables: list[str]) -> None:
        emptied = "; ".join(f"DELETE FROM {table}" for table in tables)
        await connection.execute(f"SET LOCAL session_replication_role = replica; {emptied}")  # no triggers
        for table in tables:
            await connection.copy_to_table(table, source=BytesIO(self.rows[table]), format="binary")
        for sequence in self.sequences:
            await connection.execute("SELECT setval($1::text::regclass, $2, $3)", *sequence)


class Set:
    """A control database and one for each clinic, under another name for each test: a process may remember, and be
    connected to, what it knew by the last one."""

    def __init__(self, dsn: str, template: str, contents: dict[str, Content]) -> None:
        self.prefix = _new_prefix()
        self._dsn, self._template, self._contents = dsn, template, contents
        self._facts: dict[str, Any] = {}
        self._worn: Counter[str] = Counter()

    async def make(self) -> None:
        async with connected(self._dsn) as admin:
            for kind in KINDS:
                of = f"{self._template}_{kind}"
                await admin.execute(f"CREATE DATABASE {self.prefix}_{kind} TEMPLATE {of} STRATEGY file_copy")
        for kind in KINDS:
            async with self._connected(kind) as connection:
                await self._begin(connection, kind, self.prefix)

    async def drop(self) -> None:
        await drop(self._dsn, self.prefix)

    async def put_back(self) -> bool:
        """False where that cannot be."""
        async with connected(self._dsn) as admin:
            if not await self._all_left(admin):
                return False
            rows = await admin.fetch(FACTS, f"{self.prefix}_")
            now = {row["datname"].removeprefix(f"{self.prefix}_"): list(row)[1:] for row in rows}
            if {kind: facts[1:] for kind, facts in now.items()} != self._facts:
                return False
            prefix = _new_prefix()
            for kind, (written, *_) in now.items():
                if (written or kind == "control") and not await self._refill(kind, prefix):
                    return False
            if not await self._all_left(admin):
                return False
            for kind in KINDS:
                await admin.execute(f"ALTER DATABASE {self.prefix}_{kind} RENAME TO {prefix}_{kind}")
            self.prefix = prefix
            return True

    def _connected(self, kind: str) -> AbstractAsyncContextManager[Any]:
        return connected(self._dsn, f"{self.prefix}_{kind}")

    async def _all_left(self, admin: Any) -> bool:
        """A connection that was closed a moment ago takes another one to go."""
        for _ in range(50):
            if not await admin.fetchval(STILL_THERE, f"{self.prefix}_"):
                return True
            await asyncio.sleep(0.005)  # polls PostgreSQL, which tells nobody
        return False

    async def _refill(self, kind: str, prefix: str) -> bool:
        async with self._connected(kind) as connection:
            changed = await connection.fetch(WRITTEN)
            self._worn[kind] += sum(row["written"] for row in changed)
            if self._worn[kind] > WORN or not all(row["ours"] for row in changed):
                return False
            async with connection.transaction():
                await self._contents[kind].put_into(connection, [row["relname"] for row in changed])
            await self._begin(connection, kind, prefix)
            return True

    async def _begin(self, connection: Any, kind: str, prefix: str) -> None:
        """From here on, whatever is written is the test's."""
        if kind == "control":
            await connection.execute("UPDATE clinics SET database = $1 || '_clinic_' || slug", prefix)
        await connection.execute("SELECT pg_stat_force_next_flush()")
        await connection.execute("SELECT pg_stat_reset()")
        self._facts[kind] = list(await connection.fetchrow(FACTS, f"{self.prefix}_{kind}"))[2:]


class Databases:
    """As many sets as are in use at the same time."""

    def __init__(self, dsn: str, template: str) -> None:
        """``template``: what the names of the databases begin with that are there to be copied."""
        self._dsn, self._template = dsn, template
        self._contents: dict[str, Content] = {kind: Content() for kind in KINDS}
        self._idle: list[Set] = []

    async def open(self) -> None:
        for kind, content in self._contents.items():
            async with connected(self._dsn, f"{self._template}_{kind}") as connection:
                await content.read(connection)

    @asynccontextmanager
    async def own(self) -> AsyncIterator[str]:
        """One's own for a while. Gives what their names begin with."""
        if self._idle:
            found = self._idle.pop()
        else:
            found = Set(self._dsn, self._template, self._contents)
            await found.make()
        yield found.prefix
        if await found.put_back():
            self._idle.append(found)
        else:
            await found.drop()

    async def close(self) -> None:
        for prefix in [self._template, *(one.prefix for one in self._idle)]:
            await drop(self._dsn, prefix)


@asynccontextmanager
async def connected(dsn: str, database: str | None = None) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn, database=database)
    try:
        yield connection
    finally:
        await connection.close()


async def drop(dsn: str, prefix: str) -> None:
    """Whoever is still connected."""
    async with connected(dsn) as admin:
        for (name,) in await admin.fetch(
            "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", f"{prefix}_"
        ):
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _new_prefix() -> str:
    return f"t_{uuid7().hex[-12:]}"
