"""The cache of connections: nobody starves, nobody overtakes, nothing leaks."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from svastha.kit.connections import ARRAYS, LOST, Connections
from svastha.kit.refusals import Busy


@pytest.fixture
async def small(anyio_backend: str, dsn: str) -> AsyncIterator[Connections]:
    connections = Connections(dsn, most=4, each=2, patience=0.5)
    yield connections
    await connections.close()
    assert connections.held == 0


async def hold(connections: Connections, database: str, until: asyncio.Event) -> None:
    async with connections.borrowed(database):
        await until.wait()


@pytest.fixture
async def three(anyio_backend: str, dsn: str) -> AsyncIterator[list[str]]:
    admin = await asyncpg.connect(dsn)
    names = [f"pool_{n}" for n in range(3)]
    for name in names:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {name}")
    yield names
    for name in names:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.close()


async def test_a_third_database_is_served_from_what_the_others_give_back(small: Connections, three: list[str]) -> None:
    done = asyncio.Event()
    busy = [asyncio.create_task(hold(small, name, done)) for name in (three[0], three[0], three[1], three[1])]
    while small.held < 4:
        await asyncio.sleep(0)
    waiting = asyncio.create_task(hold(small, three[2], done))
    await asyncio.sleep(0)
    done.set()
    await asyncio.gather(*busy, waiting)
    assert small.held <= 4


async def test_exhaustion_is_said_quickly(small: Connections, three: list[str]) -> None:
    done = asyncio.Event()
    busy = [asyncio.create_task(hold(small, three[0], done)) for _ in range(2)]
    while small.held < 2:
        await asyncio.sleep(0)
    with pytest.raises(Busy):
        await hold(small, three[0], done)
    done.set()
    await asyncio.gather(*busy)


async def test_one_who_leaves_while_waiting_takes_no_place_with_her(small: Connections, three: list[str]) -> None:
    done = asyncio.Event()
    busy = [asyncio.create_task(hold(small, three[0], done)) for _ in range(2)]
    leaving = [asyncio.create_task(hold(small, three[0], done)) for _ in range(5)]
    await asyncio.sleep(0.05)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    done.set()
    await asyncio.gather(*busy)
    await asyncio.gather(*(hold(small, three[0], done) for _ in range(10)))


async def test_a_broken_connection_is_replaced(small: Connections, three: list[str], dsn: str) -> None:
    async with small.borrowed(three[0]) as connection:
        pid = connection.get_server_pid()
    admin = await asyncpg.connect(dsn)
    await admin.execute("SELECT pg_terminate_backend($1)", pid)
    await admin.close()
    for _ in range(3):
        try:
            async with small.borrowed(three[0]) as connection:
                assert await connection.fetchval("SELECT 1") == 1
        except LOST:
            continue
        break
    assert small.held == 1


async def test_no_database_is_busy_not_a_fault(anyio_backend: str) -> None:
    connections = Connections("postgresql://nobody@127.0.0.1:1/none", patience=0.5)
    with pytest.raises(Busy):
        await hold(connections, "none", asyncio.Event())
    assert connections.held == 0


async def test_a_new_connection_asks_nothing_about_types(small: Connections) -> None:
    asked = list[str]()
    async with small.borrowed("postgres") as connection:
        connection.add_query_logger(lambda one: asked.append(one.query))
        for name, (array, element) in ARRAYS.items():
            await connection.fetchval(f"SELECT $1::{name}[]", [])
            known = "SELECT oid::int, typelem::int FROM pg_type WHERE typname = $1"
            assert tuple(await connection.fetchrow(known, f"_{name}")) == (array, element)
        await connection.fetchval("SELECT 1")  # what was asked is logged a moment later
    assert len(asked) >= 2 * len(ARRAYS)
    assert not [one for one in asked if "typeinfo" in one]
