"""Makes the databases and brings them up to date: the control database first, then every clinic, four at a time."""

import asyncio

import asyncpg
import structlog

from svastha.domain import accounts, keys
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit import runtime_role
from svastha.kit.migrate import MigrationTrouble, migrate

AT_ONCE = 4
log = structlog.get_logger()


async def ensure(house: House, database: str, kind: str) -> int:
    """Create the database if it is not there, and migrate it. Returns how many files were applied."""
    try:
        connection = await house.connections.connect(database, hurried=False, owner=True)
    except asyncpg.InvalidCatalogNameError:
        await _create(house, database)
        connection = await house.connections.connect(database, hurried=False, owner=True)
    try:
        count = await migrate(connection, kind)
        if kind == "control":
            found = house.settings
            await runtime_role.ensure(found.database_url, connection, found.database_role, found.secret)
        await runtime_role.grant(connection, house.settings.database_role)
    finally:
        await connection.close()
    if kind == "control":
        async with visit.to_control(house) as tx:
            await keys.make_first(tx, house.routing.locksmith)
        await _seal_addresses(house)
    return count


async def _seal_addresses(house: House) -> None:
    """What an earlier release kept in the clear."""
    moved = 1
    while moved:
        async with visit.to_control(house) as tx:
            moved = await accounts.seal_plain(tx)


async def _create(house: House, database: str) -> None:
    connection = await asyncpg.connect(house.settings.database_url)
    try:
        await connection.execute(f'CREATE DATABASE "{database}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # another process was quicker
    finally:
        await connection.close()


async def migrate_all(house: House) -> dict[str, str]:
    """Returns what failed, by clinic; one clinic that cannot be migrated does not stop the others."""
    await ensure(house, house.routing.control, "control")
    async with house.routing.reading_control() as tx:
        databases: list[str] = await tx.value(
            "SELECT coalesce(array_agg(database ORDER BY database), '{}') FROM clinics"
        )
    gate, failed = asyncio.Semaphore(AT_ONCE), {}

    async def one(database: str) -> None:
        async with gate:
            try:
                count = await ensure(house, database, "clinic")
                if count:
                    log.info("migrated", database=database, files=count)
            except (MigrationTrouble, asyncpg.PostgresError, OSError) as trouble:
                failed[database] = str(trouble)

    await asyncio.gather(*map(one, databases))
    return failed
