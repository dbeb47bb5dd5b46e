"""What may not be done too often: nobody gets past a limit, and nobody shuts out somebody else for long."""

import asyncio
import hashlib

import httpx
import pytest

from svastha.domain.accounts import attempts
from svastha.domain.accounts.attempts import Limit
from svastha.doors.sign_in import DEVICE
from svastha.doors.visit import COOKIE
from tests.cast import PASSWORD, World, email
from tests.ways_in import browser_at, caller_at

FEW = Limit(12, 60 * 60)  # each guess costs Argon2
WRONG = {"email": email("ananya"), "password": "not hers at all"}
RIGHT = {"email": email("ananya"), "password": PASSWORD}


async def login(client: httpx.AsyncClient, body: dict[str, str]) -> int:
    return (await client.post("/auth/login", json=body)).status_code


async def test_attack_18_a_forged_address_does_not_evade_the_limit(world: World) -> None:
    nobody = await world.api()
    answers = [
        await nobody.post("/auth/login", json=WRONG, headers={"x-forwarded-for": f"198.51.100.{n}"}) for n in range(14)
    ]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 4
    assert 80 <= int(answers[-1].headers["retry-after"]) <= 90


async def test_no_burst_gets_past_the_limit(world: World) -> None:
    nobody = await world.api()
    answers = await asyncio.gather(*(login(nobody, WRONG) for _ in range(25)))
    assert sorted(answers) == [401] * 10 + [429] * 15


async def test_a_right_password_is_refused_too_and_let_in_after_retry_after(world: World) -> None:
    nobody = await world.api()
    for _ in range(10):
        assert await login(nobody, WRONG) == 401
    refused = await nobody.post("/auth/login", json=RIGHT)
    assert refused.status_code == 429
    seconds = int(refused.headers["retry-after"])
    await world.sql(None, f"UPDATE attempts SET free_at = free_at - interval '{seconds - 2} seconds'")
    assert await login(nobody, RIGHT) == 429, "not yet"
    await world.sql(None, "UPDATE attempts SET free_at = free_at - interval '2 seconds'")
    assert await login(nobody, RIGHT) == 200
    assert await login(nobody, WRONG) == 401, "all forgotten: she was there"


async def test_one_network_does_not_shut_out_another(world: World) -> None:
    stranger, ananya = await caller_at(world, "203.0.113.66"), await caller_at(world, "198.51.100.7")
    for _ in range(12):
        await login(stranger, WRONG)
    assert await login(stranger, RIGHT) == 429
    assert await login(ananya, RIGHT) == 200


async def test_one_ipv6_subscriber_is_one_network(world: World) -> None:
    answers = [await login(await caller_at(world, f"2001:db8:1:2::{n}"), WRONG) for n in range(11)]
    assert answers == [401] * 10 + [429]


async def test_a_known_device_gets_in_while_the_whole_world_tries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "account", FEW)
    hers = await browser_at(world, "198.51.100.7")
    form = {"contact": email("ananya"), "password": PASSWORD}
    assert (await hers.post("/sign-in", data=form)).status_code == 303
    for n in range(13):
        last = await login(await caller_at(world, f"203.0.113.{n}"), WRONG)
    assert last == 429, "everybody together has reached the limit of the account"
    stranger = await browser_at(world, "192.0.2.1")
    assert (await stranger.post("/sign-in", data=form)).status_code == 429, "a device nobody knows"
    assert (await hers.post("/sign-in", data=form)).status_code == 303
    for _ in range(11):
        last = (await hers.post("/sign-in", data={**form, "password": "not hers at all"})).status_code
    assert last == 429, "a known device has a limit of its own"


async def test_a_device_is_known_to_its_own_account_alone(world: World) -> None:
    hers = await browser_at(world, "198.51.100.7")
    await hers.post("/sign-in", data={"contact": email("kavya"), "password": PASSWORD})
    body = {"contact": email("ananya"), "password": "not hers at all"}
    last = [(await hers.post("/sign-in", data=body)).status_code for _ in range(11)]
    assert last == [401] * 10 + [429]


async def test_codes_stay_a_way_in_while_passwords_are_attacked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(attempts.LIMITS, "account", FEW)
    for n in range(13):
        await login(await caller_at(world, f"203.0.113.{n}"), WRONG)
    nobody = await world.api()
    assert (await nobody.post("/auth/code", json={"email": email("ananya")})).status_code == 202
    await world.settle()
    code = world.mail("ananya")[0].text.split("code is ")[1][:6]
    answer = await nobody.post("/auth/code/verify", json={"email": email("ananya"), "code": code})
    assert answer.status_code == 200


async def test_one_network_asks_for_sixty_messages_an_hour(world: World) -> None:
    nobody = await world.api()
    answers = [
        (await nobody.post("/auth/code", json={"email": f"somebody{n}@cast.test"})).status_code for n in range(61)
    ]
    assert answers == [202] * 60 + [429]


@pytest.mark.parametrize("text", [email("ananya"), "127.0.0.1"])
async def test_whom_is_counted_cannot_be_read(world: World, text: str) -> None:
    await login(await world.api(), WRONG)
    rows = await world.sql(None, "SELECT subject FROM attempts")
    assert len(rows) == 3
    guesses = {hashlib.sha256(guess.encode()).digest() for guess in (text, f"password\naccount\n{text}")}
    assert not guesses & {row["subject"] for row in rows}


async def test_session_and_device_are_kept_as_they_should(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    answer = await web.post("/sign-in", data={"contact": email("ananya"), "password": PASSWORD})
    cookies = {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    for name in (COOKIE, DEVICE):
        for word in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
            assert word.lower() in cookies[name].lower()
        assert "domain" not in cookies[name].lower()
