"""The index key changes: every look-up finds at every moment, and no address is ever taken twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from svastha.domain import accounts, keys
from svastha.domain.accounts import Address
from svastha.doors import visit
from svastha.doors.cli import keys as command
from svastha.doors.jobs.worker import Worker
from svastha.doors.visit import House
from svastha.wiring import build
from tests.cast import IDS, World, email
from tests.conftest import settings_for

NAMES = list(IDS)


@pytest.fixture
async def other(bare: World, dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[House]:
    house = build(settings_for(dsn, prefix, tmp_path))
    yield house
    await house.bell.close()
    await house.connections.close()


async def everybody_reads_again(*houses: House) -> None:
    for house in houses:
        house.routing.forget()
        await house.routing.keyring()


async def step(bare: World, *houses: House) -> list[tuple[int, str]]:
    """One job of the rotation, after the time it waits for; then every process reads its keys again."""
    await bare.sql(None, "UPDATE jobs SET run_at = now(), leased_until = NULL WHERE kind = 'keys.advance_index'")
    await bare.sql(None, "UPDATE index_keys SET active_since = active_since - interval '5 minutes'")
    await Worker(houses[0]).drain(None)
    await everybody_reads_again(*houses)
    async with visit.to_control(houses[0]) as tx:
        return [(key.version, key.state) for key in await keys.index_keys(tx)]


async def find(house: House, address: str) -> UUID | None:
    async with visit.to_control(house) as tx:
        return await accounts.owner_of(tx, Address("email", address))


async def put(house: House, name: str, address: str) -> bool:
    try:
        async with visit.to_control(house) as tx:
            await accounts.put_contact(tx, IDS[name], Address("email", address))
    except accounts.AddressTaken:
        return False
    return True


async def test_rotation_breaks_no_look_up_and_admits_no_duplicate(bare: World, other: House) -> None:
    """Attack 27: sign-in looks people up by this index."""
    here, stopping = bare.house, asyncio.Event()
    taken: dict[str, str] = {}
    turns = [0, 0]

    async def look_up(number: int, house: House) -> None:
        while not stopping.is_set():
            for name in NAMES:
                assert await find(house, email(name)) == IDS[name]
            for address, name in list(taken.items()):
                assert await find(house, address) == IDS[name]
            turns[number] += 1

    async def register() -> None:
        """The same new address by two people in two processes at once: one of them gets it."""
        while not stopping.is_set():
            address = f"n{len(taken)}@cast.test"
            got = await asyncio.gather(put(here, "ananya", address), put(other, "kavya", address))
            assert sum(got) == 1, "one of them, and one alone"
            taken[address] = "ananya" if got[0] else "kavya"
            assert not await put(other, "rao", email("gita"))

    async def everybody_goes_round() -> None:
        before, known = list(turns), len(taken)
        while len(taken) < known + 2 or any(now < then + 2 for now, then in zip(turns, before, strict=True)):
            assert not any(one.done() for one in people), [one.exception() for one in people if one.done()]
            await asyncio.sleep(0)

    await everybody_reads_again(here, other)
    people = [asyncio.create_task(one) for one in (look_up(0, here), look_up(1, other), register())]
    await everybody_goes_round()
    await command.rotate_index(here)
    await everybody_reads_again(here, other)
    seen = []
    while not seen or seen[-1] != [(1, "retired"), (2, "active")]:
        await everybody_goes_round()
        state = await step(bare, here, other)
        if not seen or seen[-1] != state:
            seen.append(state)
    await everybody_goes_round()
    stopping.set()
    await asyncio.gather(*people)
    assert seen == [
        [(1, "active"), (2, "filling")],
        [(1, "active"), (2, "active")],
        [(1, "retired"), (2, "active")],
    ]
    assert await bare.sql(None, "SELECT DISTINCT version FROM contact_indexes") == [(2,)]
    (counted,) = await bare.sql(
        None, "SELECT (SELECT count(*) FROM contacts), (SELECT count(*) FROM contact_indexes), count(*) FROM index_keys"
        " WHERE version = 1 AND wrapped IS NULL",
    )  # fmt: skip
    assert counted[0] == counted[1] and counted[2] == 1


async def test_a_writer_from_before_is_waited_for(bare: World, other: House) -> None:
    """Who has read the versions before a rotation begins, and commits after, is not overlooked by the filling."""
    here = bare.house
    await everybody_reads_again(here, other)
    async with visit.to_control(here) as slow:
        await accounts.put_contact(slow, IDS["rao"], Address("email", "slow@cast.test"))
        await command.rotate_index(other)
        await everybody_reads_again(other)
        beginning = asyncio.create_task(step(bare, other))
        while not await bare.sql(None, "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            assert not beginning.done()
            await asyncio.sleep(0)
    await beginning
    while await step(bare, other, here) != [(1, "retired"), (2, "active")]:
        pass
    assert await find(other, "slow@cast.test") == IDS["rao"]
    assert not await put(here, "ananya", "slow@cast.test")


async def test_the_index_says_nothing_and_keeps_kinds_apart(bare: World) -> None:
    ring = await bare.house.routing.keyring()
    assert ring.index(1, "email", "x") != ring.index(1, "phone", "x")
    assert ring.index(1, "email", "x") == ring.index(1, "email", "x") and len(ring.index(1, "email", "x")) == 32
    rows = await bare.sql(
        None, "SELECT i.index, c.sealed FROM contact_indexes i JOIN contacts c ON c.id = i.contact_id"
    )
    assert rows and not any(b"cast.test" in row["index"] + row["sealed"] for row in rows)
