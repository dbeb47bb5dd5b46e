"""Makes the databases and brings them up to date: the control database, then one clinic, then all, four at a time.

A clinic's database is made as a copy of one that is migrated and empty, which costs a third of migrating it from the
beginning.
"""

import asyncio

import asyncpg
import structlog

from svastha.domain import accounts, clinics, keys
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit import runtime_role
from svastha.kit.connections import split
from svastha.kit.migrate import DoesNotApply, MigrationTrouble, files, migrate

AT_ONCE = 4
log = structlog.get_logger()


async def ensure(house: House, database: str, kind: str, *, make: bool = True) -> int:
    """Create the database if it is not there, and migrate it. Returns how many files were applied, or came with it."""
    count = 0
    try:
        connection = await house.connections.connect(database, hurried=False, owner=True)
    except asyncpg.InvalidCatalogNameError:
        if not make:
            raise
        count = await _create(house, database, kind)
        connection = await house.connections.connect(database, hurried=False, owner=True)
    try:
        count += await migrate(connection, kind)
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


async def _create(house: House, database: str, kind: str) -> int:
    """Returns how many files it has been migrated by already."""
    empty = _empty(house, split(database)[1])
    if kind == "control" or database == empty:
        await _make(house, database, "template1")
        return 0
    try:
        made = await _make(house, database, empty)
    except asyncpg.InvalidCatalogNameError:
        await ensure(house, empty, kind)
        made = await _make(house, database, empty)
    return len(files(kind)) if made else 0


def _empty(house: House, server: str) -> str:
    """The database of no clinic, of which the others on that server are copies."""
    return f"{house.settings.database_prefix}_empty_clinic" + f"@{server}" * bool(server)


async def ready(house: House, server: str) -> None:
    """Whom server and worker are on a further PostgreSQL server. The first learns it with the control database."""
    found, dsn = house.settings, house.connections.dsn_of(server)
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await runtime_role.ensure(dsn, connection, found.database_role, found.secret)
    finally:
        await connection.close()


async def _make(house: House, database: str, template: str) -> bool:
    """False: another process was quicker. While somebody migrates the template, PostgreSQL waits for up to 5 s."""
    name, server = split(database)
    connection = await asyncpg.connect(house.connections.dsn_of(server))
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{split(template)[0]}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        return False
    finally:
        await connection.close()
    return True


async def migrate_all(house: House) -> dict[str, str]:
    """Returns what failed, by clinic. One that cannot be migrated does not stop the others, but a file that cannot be
    applied to the first does. On a further server nothing is made anew: it may be another than it was."""
    await ensure(house, house.routing.control, "control")
    async with house.routing.reading_control() as tx:
        databases = [_empty(house, ""), *(await clinics.addresses(tx)).values()]
    gate, failed = asyncio.Semaphore(AT_ONCE), {}

    async def one(database: str) -> Exception | None:
        async with gate:
            try:
                count = await ensure(house, database, "clinic", make="@" not in database)
                if count:
                    log.info("migrated", database=database, files=count)
            except (MigrationTrouble, asyncpg.PostgresError, OSError) as trouble:
                failed[database] = str(trouble)
                return trouble
        return None

    async def on(server: str) -> None:
        try:
            await ready(house, server)
            await ensure(house, _empty(house, server), "clinic")
        except (MigrationTrouble, runtime_role.RoleTrouble, asyncpg.PostgresError, OSError) as trouble:
            failed[server] = str(trouble)

    await asyncio.gather(*map(on, house.settings.servers))
    others = iter(databases)
    for database in others:
        trouble = await one(database)
        if isinstance(trouble, DoesNotApply):
            failed[database] += "; the others were left as they are"
            return failed
        if trouble is None and database != _empty(house, ""):
            break  # one with data in it: what applies to it should apply to all
    await asyncio.gather(*map(one, others))
    return failed
