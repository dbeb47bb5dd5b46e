"""Who is who is remembered in each process, and forgotten in all of them before a change is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from svastha.domain import accounts
from svastha.doors import visit
from svastha.kit.refusals import Busy
from svastha.kit.trust import Trust
from svastha.main import create_app
from svastha.wiring import build
from tests.cast import IDS, World


@asynccontextmanager
async def another_process(world: World) -> AsyncIterator[World]:
    """A second server over the same databases, with a memory of its own."""
    house = build(world.house.settings)
    other = World(house, create_app(house))
    await other.open()
    try:
        yield other
    finally:
        await other.close()


async def remembering(world: World) -> Trust[accounts.Actor]:
    """Once its lease is held."""
    async with asyncio.timeout(10):
        while world.house.trust.recall("none", "") is None and world.house.trust._trusted_until < 0:
            await asyncio.sleep(0.01)
    return world.house.trust


async def with_token(world: World, token: str) -> httpx.AsyncClient:
    client = await world.api()
    client.headers["authorization"] = f"Bearer {token}"
    return client


async def test_the_second_request_asks_no_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await remembering(world)
    asked = []
    look_up = accounts.actor_of

    async def counted(*given, **more):  # type: ignore[no-untyped-def]
        asked.append(given[1])
        return await look_up(*given, **more)

    monkeypatch.setattr(accounts, "actor_of", counted)
    ananya = await world.api("ananya")
    for _ in range(5):
        assert (await ananya.get("/me/appointments")).status_code == 200
    assert len(asked) == 1


@pytest.mark.parametrize("change", ["sign_out", "suspend", "dismiss", "password"])
async def test_a_change_of_rights_acts_on_the_next_request_in_every_process(world: World, change: str) -> None:
    """Attack 14: sign-out and suspension, and what was granted, without waiting for anything to expire."""
    async with another_process(world) as other:
        await remembering(world)
        await remembering(other)
        token = await world.token("farida", "api")
        here, there = await with_token(world, token), await with_token(other, token)
        desk = "/clinics/asha/appointments?all=true"
        for client in (here, there, there):
            assert (await client.get("/me")).status_code == 200
        before = (await there.get(desk)).status_code
        assert before == 200
        if change == "sign_out":
            assert (await here.post("/auth/logout")).status_code == 204
        else:
            async with visit.to_control(world.house) as tx:
                if change == "suspend":
                    await tx.run("UPDATE accounts SET suspended_at = now() WHERE id = :id", id=IDS["farida"])
                elif change == "dismiss":
                    await tx.run("UPDATE grants SET valid_until = now() WHERE account_id = :id", id=IDS["farida"])
                else:
                    await accounts.end_all(tx, IDS["farida"], why="password changed")
                accounts.forget(tx, IDS["farida"])
        for client in (there, here):
            answer = await client.get("/me")
            if change == "dismiss":
                async with visit.to_control(other.house) as tx:
                    actor = await accounts.actor_of(tx, token, kind="api")
                assert answer.status_code == 200 and actor and not actor.grants
            else:
                assert answer.status_code == 401


async def test_a_process_that_hangs_is_waited_for_no_longer_than_its_lease(world: World) -> None:
    async with another_process(world) as other:
        await remembering(world)
        await remembering(other)
        token = await world.token("ananya", "api")
        there = await with_token(other, token)
        assert (await there.get("/me")).status_code == 200
        # It hears nothing any more, and does not renew.
        await other.house.trust._connection.remove_listener("svastha_forget", other.house.trust._told)
        async with visit.to_control(world.house) as tx:
            await tx.run("UPDATE processes SET leased_until = now() + interval '0.3 seconds'")
        other.house.trust._trusted_until = 0
        here = await with_token(world, token)
        assert (await here.post("/auth/logout")).status_code == 204
        assert (await there.get("/me")).status_code == 401


async def test_without_a_lease_the_database_is_asked_each_time(world: World) -> None:
    trust = await remembering(world)
    ananya = await world.api("ananya")
    assert (await ananya.get("/me")).status_code == 200
    trust._trusted_until = 0
    await world.sql(None, "UPDATE sessions SET ended_at = now()")
    assert (await ananya.get("/me")).status_code == 401


async def test_what_was_read_before_something_was_forgotten_is_not_remembered(world: World) -> None:
    trust = await remembering(world)
    token = await world.token("ananya", "api")
    with trust.learning() as learned:
        async with world.house.routing.reading_control() as tx:
            actor = await accounts.actor_of(tx, token, kind="api")
        assert actor
        async with visit.to_control(world.house) as other:
            await accounts.end_all(other, IDS["ananya"], why="test")
        learned("api", token, actor)
    assert trust.recall("api", token) is None


async def test_a_process_that_dies_as_it_commits_has_told_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise ConnectionError

    async with another_process(world) as other:
        await remembering(world)
        await remembering(other)
        there = await with_token(other, await world.token("ananya", "api"))
        assert (await there.get("/me")).status_code == 200
        monkeypatch.setattr(world.house.trust, "forget", dies)
        with pytest.raises(Busy):
            async with visit.to_control(world.house) as tx:
                await accounts.end_all(tx, IDS["ananya"], why="test")
                for _ in range(400):  # more than one message can name
                    accounts.forget(tx, uuid4())
        async with asyncio.timeout(5):
            while (await there.get("/me")).status_code == 200:
                await asyncio.sleep(0.01)


async def test_what_was_known_before_a_lease_ran_out_is_not_known_after_it(world: World) -> None:
    trust = await remembering(world)
    token = await world.token("ananya", "api")
    ananya = await with_token(world, token)
    assert (await ananya.get("/me")).status_code == 200
    trust._trusted_until = 0  # as after a pause
    async with asyncio.timeout(10):
        while not trust._trusted_until:
            await asyncio.sleep(0.01)
    assert trust.recall("api", token) is None
