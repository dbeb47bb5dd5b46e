"""The PostgreSQL servers that clinics lie on, as their owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from svastha.doors.visit import House
from svastha.settings import MAIN

from .equip import CannotStart


class Server:
    """``name`` is empty for the first, which people call main."""

    def __init__(self, house: House, name: str) -> None:
        self.name = "" if name == MAIN else name
        if self.name and self.name not in house.settings.servers:
            raise CannotStart(f"SVASTHA_DATABASE_SERVERS names no server {name}.")
        self.dsn = house.connections.dsn_of(self.name)

    def __str__(self) -> str:
        return self.name or MAIN

    def address(self, database: str) -> str:
        return f"{database}@{self.name}" if self.name else database

    @asynccontextmanager
    async def connected(self, database: str | None = None) -> AsyncIterator[Any]:
        """``None``: the database that the settings name, which is no clinic's. Raises CannotStart."""
        try:
            connection = await asyncpg.connect(self.dsn, database=database, timeout=10)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
            raise CannotStart(f"The PostgreSQL server {self} cannot be reached: {type(trouble).__name__}.") from None
        try:
            yield connection
        finally:
            await connection.close()

    async def run(self, statement: str) -> None:
        async with self.connected() as connection:
            await connection.execute(statement)

    async def value(self, query: str, *given: object) -> Any:
        async with self.connected() as connection:
            return await connection.fetchval(query, *given)

    async def has(self, database: str) -> bool:
        return bool(await self.value("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database))

    async def is_shut(self, database: str) -> bool:
        """It is there, and nobody can connect to it."""
        query = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND NOT datallowconn)"
        return bool(await self.value(query, database))

    async def may_end_sessions(self) -> bool:
        query = (
            "SELECT rolsuper OR pg_has_role('pg_signal_backend', 'USAGE') FROM pg_roles WHERE rolname = current_user"
        )
        return bool(await self.value(query))


def every(house: House) -> list[Server]:
    return [Server(house, name) for name in ("", *house.settings.servers)]
