"""Signing up: whose code confirms whom, how many mails go, what is remembered for how long."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from svastha.domain import accounts
from svastha.domain.accounts import passwords
from svastha.doors import visit
from svastha.kit.refusals import Busy
from tests.cast import IDS, PASSWORD, World, email
from tests.ways_in import browser_at

ADDRESS = "new@cast.test"
HERS = {"email": ADDRESS, "password": "three quiet rivers", "name": "Lata Joshi"}
FORM = {"contact": ADDRESS, "password": HERS["password"], "name": HERS["name"]}
THEIRS = {"email": ADDRESS, "password": "not hers at all", "name": "Click evil.test"}
SOON = timedelta(seconds=90)
CODE = re.compile(r"\b\d{6}\b")


async def newest_code(world: World) -> str:
    await world.settle()
    found = CODE.search(world.mail(ADDRESS)[0].text)
    assert found
    return found.group()


async def a_minute_passes(world: World) -> None:
    await world.sql(None, "UPDATE attempts SET free_at = free_at - interval '61 seconds'")


async def login(client: httpx.AsyncClient, who: dict[str, str]) -> tuple[int, str]:
    answer = await client.post("/auth/login", json={"email": who["email"], "password": who["password"]})
    return answer.status_code, answer.json().get("code", "")


async def verify(client: httpx.AsyncClient, code: str) -> int:
    return (await client.post("/auth/verify-email", json={"email": ADDRESS, "code": code})).status_code


async def test_what_older_programs_read_is_still_there(world: World) -> None:
    api = await world.api()
    said = await api.post("/auth/register", json=HERS)
    assert said.status_code == 201
    assert said.json() == {"status": "code_sent", "email": ADDRESS, "contact": ADDRESS}
    by_number = await api.post("/auth/register", json={"phone": "98765 43210", "name": "Lata Joshi"})
    assert by_number.json() == {"status": "code_sent", "email": "", "contact": "98765 43210"}
    done = await api.post("/auth/verify-email", json={"email": ADDRESS, "code": await newest_code(world)})
    assert done.json() == {"status": "verified"}


async def test_a_code_confirms_its_own_sign_up_and_ends_the_others(world: World) -> None:
    nobody = await world.api()
    await nobody.post("/auth/register", json=HERS)
    hers = await newest_code(world)
    await a_minute_passes(world)
    await nobody.post("/auth/register", json=THEIRS)
    theirs = await newest_code(world)
    assert await login(nobody, HERS) == await login(nobody, THEIRS) == (403, "email_unverified")
    assert await login(nobody, {**HERS, "password": "somebody else's"}) == (401, "wrong_sign_in")
    assert await verify(nobody, hers) == 200
    assert (await login(nobody, HERS))[0] == 200
    assert (await login(nobody, THEIRS))[0] == 401
    assert await verify(nobody, theirs) == 409
    rows = await world.sql(None, "SELECT name FROM accounts WHERE id <> ALL($1)", list(IDS.values()))
    assert [row["name"] for row in rows] == [HERS["name"]]


async def test_a_browser_confirms_only_the_sign_up_it_made(world: World) -> None:
    web, stranger = await browser_at(world, "198.51.100.7"), await world.api()
    assert (await web.post("/sign-up", data=FORM)).headers["location"] == "/confirm"
    await newest_code(world)
    await a_minute_passes(world)
    await stranger.post("/auth/register", json=THEIRS)
    theirs = await newest_code(world)
    assert (await web.post("/confirm", data={"contact": ADDRESS, "code": theirs})).status_code == 409
    await a_minute_passes(world)
    await web.post("/confirm/again", data={"contact": ADDRESS})
    again = await newest_code(world)
    assert (await web.post("/confirm", data={"contact": ADDRESS, "code": again})).headers["location"] == "/home"
    assert (await login(stranger, HERS))[0] == 200
    assert (await login(stranger, THEIRS))[0] == 401


async def test_signing_in_too_early_leads_to_the_code_of_that_sign_up(world: World) -> None:
    web, stranger = await browser_at(world, "198.51.100.7"), await world.api()
    await stranger.post("/auth/register", json=THEIRS)
    theirs = await newest_code(world)
    await stranger.post("/auth/register", json=HERS)
    early = await web.post("/sign-in", data={"contact": ADDRESS, "password": HERS["password"]})
    assert early.headers["location"] == "/confirm"
    assert (await web.post("/confirm", data={"contact": ADDRESS, "code": theirs})).status_code == 409


async def test_five_wrong_codes_end_a_code_and_ten_make_one_wait(world: World) -> None:
    nobody = await world.api()
    await nobody.post("/auth/register", json=HERS)
    first = await newest_code(world)
    assert await asyncio.gather(*(verify(nobody, "wrong") for _ in range(5))) == [409] * 5
    assert await verify(nobody, first) == 409
    await world.sql(
        None, "UPDATE attempts SET free_at = free_at - interval '61 seconds' WHERE free_at < now() + $1", SOON
    )
    await nobody.post("/auth/register", json=HERS)
    fresh = await newest_code(world)
    assert await asyncio.gather(*(verify(nobody, "wrong") for _ in range(4))) == [409] * 4
    assert await verify(nobody, fresh) == 429, "ten from this network, whatever was registered meanwhile"
    await world.sql(None, "UPDATE attempts SET free_at = free_at - interval '15 minutes'")
    assert await verify(nobody, fresh) == 200


@pytest.mark.parametrize("address", [ADDRESS, email("ananya")])
async def test_one_mail_a_minute_goes_to_an_address(world: World, address: str) -> None:
    nobody = await world.api()
    answers = await asyncio.gather(*(nobody.post("/auth/register", json={**THEIRS, "email": address}) for _ in "1234"))
    assert {answer.status_code for answer in answers} == {201}
    await (await world.web()).post("/confirm/again", data={"contact": address})
    await world.settle()
    assert len(world.mail(address)) == 1
    assert THEIRS["name"] not in world.mail(address)[0].text
    await a_minute_passes(world)
    await nobody.post("/auth/register", json={**THEIRS, "email": address})
    await world.settle()
    assert len(world.mail(address)) == 2


async def test_signing_up_and_in_does_not_tell_whether_an_address_has_an_account(world: World) -> None:
    nobody = await world.api()
    for address in (ADDRESS, email("ananya")):
        await nobody.post("/auth/register", json={**THEIRS, "email": address})
        assert await login(nobody, {**THEIRS, "email": address}) == (403, "email_unverified")
    assert (await login(nobody, {"email": email("ananya"), "password": PASSWORD}))[0] == 200


async def test_an_address_in_any_script_comes_back_from_the_cookie(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    taken = await web.post("/sign-up", data={**FORM, "contact": "कमल%41@example.com", "next": "/doctors?q=नींद;"})
    assert (taken.status_code, taken.headers["location"]) == (303, "/confirm")
    assert 'value="कमल%41@example.com"' in (await web.get("/confirm")).text
    assert 'value="/doctors?q=नींद;"' in (await web.get("/sign-in")).text


@pytest.mark.parametrize(("zone", "kept"), [("Factory", "Asia/Kolkata"), ("Asia/Kathmandu", "Asia/Kathmandu")])
async def test_only_a_zone_one_can_live_in_is_kept(world: World, zone: str, kept: str) -> None:
    web = await world.web()
    await web.post("/sign-up", data=FORM, headers={"cookie": f"__Host-zone={zone}"})
    assert [row["zone"] for row in await world.sql(None, "SELECT zone FROM sign_ups")] == [kept]
    ananya = await world.api("ananya")
    assert (await ananya.patch("/me", json={"zone": zone})).status_code == (200 if zone == kept else 422)


async def test_no_connection_is_held_while_a_password_is_checked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow:
        def verify(self, *_: str) -> bool:
            begun.set()
            return go_on.wait(5)

        def hash(self, _: str) -> str:
            begun.set()
            go_on.wait(5)
            return "slow"

        def check_needs_rehash(self, _: str) -> bool:
            return False

    monkeypatch.setattr(passwords, "_hasher", Slow())
    nobody, held, borrowed = await world.api(), [0], world.house.connections.borrowed

    @asynccontextmanager
    async def counted(database: str) -> AsyncIterator[Any]:
        async with borrowed(database) as connection:
            held[0] += 1
            yield connection
            held[0] -= 1

    monkeypatch.setattr(world.house.connections, "borrowed", counted)
    for path, body in (("/auth/login", {"email": email("ananya"), "password": PASSWORD}), ("/auth/register", HERS)):
        begun.clear()
        go_on.clear()
        waiting = asyncio.create_task(nobody.post(path, json=body))
        assert await asyncio.to_thread(begun.wait, 5)
        meanwhile = held[0]
        go_on.set()
        assert (await waiting).status_code in (200, 201)
        assert meanwhile == 0


async def test_too_many_passwords_at_once_are_sent_away(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr(passwords, "MOST", 0)
    answer = await (await world.api()).post("/auth/login", json={"email": ADDRESS, "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    with pytest.raises(Busy):
        await accounts.hash_password(PASSWORD)


async def test_what_is_over_is_forgotten(world: World) -> None:
    await world.sql(
        None,
        "INSERT INTO sessions (id, account_id, kind, token_hash, token_expires_at, expires_at, ended_at)"
        " SELECT gen_random_uuid(), $1, 'api', digest::bytea, now(), expires_at, ended_at FROM (VALUES"
        " ('long ended', now(), now() - interval '31 days'), ('long expired', now() - interval '31 days', NULL),"
        " ('ended', now(), now() - interval '29 days'), ('expired', now() - interval '29 days', NULL))"
        " AS s(digest, expires_at, ended_at)",
        IDS["ananya"],
    )
    await world.sql(
        None, "INSERT INTO spent_refresh_tokens (refresh_hash, session_id) SELECT token_hash, id FROM sessions"
    )
    nobody = await world.api()
    await nobody.post("/auth/register", json=HERS)
    await login(nobody, {**HERS, "password": "somebody else's"})

    async def tidied() -> int:
        async with visit.to_control(world.house) as tx:
            return await accounts.tidy(tx)

    assert await tidied() == 4, "two sessions and their spent tokens"
    await world.sql(None, "UPDATE sign_ups SET made_at = made_at - interval '25 hours'")
    await world.sql(None, "UPDATE attempts SET free_at = free_at - interval '25 hours'")
    assert await tidied() == 7, "a sign-up, three counts of messages and three of a wrong password"
    assert await tidied() == 0
