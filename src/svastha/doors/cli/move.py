"""Moves a clinic to another PostgreSQL server while it is in use (docs/adr/0012-many-servers.md).

1. Fence: nobody but the owner may connect to the old database, and who is connected is cut off. What was acknowledged
   before is in it; nothing is acknowledged after.
2. Copy it, under another name.
3. Shut: not even the owner may connect. From here the copy is whole, and it is the only way forward.
4. Give the copy its name, and commit in the control database where the clinic lies now.
5. Give the old database another name.

A process that still looks in the old place is turned away and asks the control database. Whatever ends this command
before step 3 leaves the clinic where it was; afterwards the same command goes on where it ended.
"""

import asyncio
import contextlib
from time import monotonic
from typing import Any

from svastha.domain import clinics
from svastha.domain.clinics import Clinic
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit import runtime_role
from svastha.kit.connections import split
from svastha.kit.migrate import LOCK
from svastha.kit.postgres import copy
from svastha.settings import MAIN

from . import databases
from .equip import CannotStart
from .servers import Server, every

ARRIVING, LEFT = "_arriving", "_left"
LONGEST_NAME = 63  # bytes, of PostgreSQL
PATIENCE = 30.0  # seconds for sessions to end
# Whoever is about to connect holds a lock of the database from before it is asked whether it may, until it is counted
# among the sessions.
COMING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND classid = 'pg_database'::regclass"
    " AND objid = (SELECT oid FROM pg_database WHERE datname = $1) AND pid <> $2"
)
END = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = $1 AND pid <> $2 AND backend_type = 'client backend'"
)


async def move(house: House, slug: str, to: str) -> str:
    """Returns what to tell. Raises CannotStart or ClusterTrouble; then the clinic is where it was, or shut half-way."""
    async with Server(house, MAIN).connected(house.routing.control) as control:
        if not await control.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", f"move {slug}"):
            raise CannotStart(f"{slug} is being moved at this moment.")
        async with house.routing.reading_control() as tx:
            found = await clinics.placed(tx, slug)
        if not found:
            raise CannotStart(f"There is no clinic called {slug}.")
        name, at = split(found[0].database)
        source, target = Server(house, at), Server(house, to)
        if source.name == target.name:
            return await _stay(house, name, source)
        return await _move(house, found[0], source, target)


async def _move(house: House, clinic: Clinic, source: Server, target: Server) -> str:
    (name, _), slug = split(clinic.database), clinic.slug
    began = monotonic()
    if not await _is_whole(name, source, target):
        await _check(name, source, target)
        if target.name:
            await databases.ready(house, target.name)
        await _make_empty(target, name + ARRIVING)
        began = await _copy(house, name, source, target)
    await _settle(house, clinic, source, target)
    closed = monotonic() - began
    await _put_away(house, name, target)
    async with target.connected(name) as connection:
        await connection.execute("ANALYZE")
    return (
        f"{slug} lies on {target} now; it was closed for {closed:.1f} s. The old database is kept on {source}, shut, as"
        f" {name + LEFT}: `svastha clinic drop-left {slug}` removes it."
    )


async def _is_whole(name: str, source: Server, target: Server) -> bool:
    """An earlier run of this command came as far as step 3."""
    if not await source.is_shut(name):
        return False
    if await target.has(name + ARRIVING) or await target.has(name):
        return True
    await source.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    return False


async def _check(name: str, source: Server, target: Server) -> None:
    if len(name + ARRIVING) > LONGEST_NAME:
        raise CannotStart(f"{name} is too long a name for a database to be moved.")
    if await target.has(name):
        raise CannotStart(f"There is a database {name} on {target}, which is not this clinic's.")
    if await source.has(name + LEFT):
        raise CannotStart(
            f"{name + LEFT} of an earlier move is still on {source}: `svastha clinic drop-left` removes it."
        )
    if not await source.may_end_sessions():
        raise CannotStart(f"On {source} as a superuser: GRANT pg_signal_backend TO the user that owns the databases.")


async def _make_empty(target: Server, name: str) -> None:
    await target.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await target.run(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")


async def _copy(house: House, name: str, source: Server, target: Server) -> float:
    """Steps 1 to 3. Returns when the clinic closed."""
    role = house.settings.database_role
    async with source.connected(name) as guard:
        # Until the old database is shut, nothing migrates it, which would let server and worker in again.
        await guard.execute("SELECT pg_advisory_lock($1)", LOCK)
        began = monotonic()
        try:
            await guard.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC, {role}')
            await _end_sessions(source, name, but=guard.get_server_pid())
            await copy(source.dsn, name, target.dsn, name + ARRIVING, house.settings.state_dir)
            async with target.connected(name + ARRIVING) as copied:
                await runtime_role.grant(copied, role)
            await source.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await guard.execute("SELECT 1")  # held its lock to this moment, or this fails
        except BaseException:
            await _open_again(source, name, role)
            raise
    return began


async def _end_sessions(server: Server, name: str, but: int = 0) -> None:
    async with server.connected() as connection:
        deadline = monotonic() + PATIENCE
        while await connection.fetchval(COMING, name, but) + await connection.fetchval(END, name, but):
            if monotonic() > deadline:
                raise CannotStart(f"Somebody stays connected to {name} on {server}.")
            await asyncio.sleep(0.02)


async def _open_again(source: Server, name: str, role: str) -> None:
    """As it was. Where even that fails, the clinic stays closed until this command, or `svastha migrate`, is run."""
    with contextlib.suppress(Exception):
        await source.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        async with source.connected(name) as connection:
            await runtime_role.grant(connection, role)


async def _settle(house: House, clinic: Clinic, source: Server, target: Server) -> None:
    """Step 4."""
    name, _ = split(clinic.database)
    if await target.has(name + ARRIVING):
        await _end_sessions(target, name + ARRIVING)
        await target.run(f'ALTER DATABASE "{name + ARRIVING}" RENAME TO "{name}"')
    async with visit.to_control(house) as tx:
        await clinics.move(tx, clinic.id, was=source.address(name), now=target.address(name))
    house.routing.forget()


async def _put_away(house: House, name: str, kept: Server) -> None:
    """Step 5: what was shut by a move, wherever it is."""
    for server in every(house):
        if server.name != kept.name and await server.is_shut(name):
            await _end_sessions(server, name)
            await server.run(f'ALTER DATABASE "{name}" RENAME TO "{name + LEFT}"')


async def _stay(house: House, name: str, server: Server) -> str:
    """A move that was broken off, ended: the clinic is open where it lies."""
    await server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    async with server.connected(name) as connection:
        await runtime_role.grant(connection, house.settings.database_role)
    await _put_away(house, name, server)
    for other in every(house):
        if other.name != server.name:
            await other.run(f'DROP DATABASE IF EXISTS "{name + ARRIVING}" WITH (FORCE)')
    return f"{name} lies on {server}, and is open."


async def drop_left(house: House, slug: str) -> str:
    async with house.routing.reading_control() as tx:
        addresses: dict[str, Any] = await clinics.addresses(tx)
    if slug not in addresses:
        raise CannotStart(f"There is no clinic called {slug}.")
    name, dropped = split(addresses[slug])[0] + LEFT, []
    for server in every(house):
        if await server.is_shut(name):
            await server.run(f'DROP DATABASE "{name}"')
            dropped.append(str(server))
    return f"{name} removed from {', '.join(dropped)}." if dropped else f"There is no {name} anywhere."
