"""In without a password: codes and links, and the second factor after any first."""

import asyncio
import re
from typing import Any

import pytest

from svastha.domain.accounts import codes
from svastha.doors.web.public.entered import CHALLENGE
from tests.cast import PASSWORD, World, email
from tests.ways_in import browser_at, newest_code, newest_link

ANANYA = {"email": email("ananya")}
FORM = {"contact": email("ananya")}


async def test_a_code_signs_in_once(world: World) -> None:
    nobody = await world.api()
    assert (await nobody.post("/auth/code", json=ANANYA)).status_code == 202
    code = await newest_code(world, "ananya")
    typed = f" {code[:3]} {code[3:]} "
    answer = await nobody.post("/auth/code/verify", json={**ANANYA, "code": typed})
    bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await nobody.get("/me", headers=bearer)).json()["name"] == "Ananya Deshpande"
    again = await nobody.post("/auth/code/verify", json={**ANANYA, "code": code})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_code")


async def test_whoever_waits_for_a_code_gets_a_link_when_she_asks_for_one(world: World) -> None:
    nobody = await world.api()
    for _ in range(2):
        for way in ("code", "magic-link", "forgotten"):
            assert (await nobody.post(f"/auth/{way}", json=ANANYA)).status_code == 202
    await world.settle()
    assert len(world.mail("ananya")) == 3, "one of each a minute"


async def test_of_racers_with_the_same_code_one_is_let_in(world: World) -> None:
    nobody = await world.api()
    await nobody.post("/auth/code", json=ANANYA)
    body = {**ANANYA, "code": await newest_code(world, "ananya")}
    answers = await asyncio.gather(*(nobody.post("/auth/code/verify", json=body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


async def test_five_guesses_end_a_code_and_the_newest_alone_is_alive(world: World) -> None:
    nobody = await world.api()
    await nobody.post("/auth/code", json=ANANYA)
    first = await newest_code(world, "ananya")
    for n in range(5):
        await nobody.post("/auth/code/verify", json={**ANANYA, "code": f"{(int(first) + n + 1) % 10**6:06}"})
    assert (await nobody.post("/auth/code/verify", json={**ANANYA, "code": first})).status_code == 409
    await world.sql(None, "DELETE FROM attempts")
    await nobody.post("/auth/code", json=ANANYA)
    second = await newest_code(world, "ananya")
    await world.sql(None, "DELETE FROM attempts")
    await nobody.post("/auth/code", json=ANANYA)
    third = await newest_code(world, "ananya")
    if second != third:
        assert (await nobody.post("/auth/code/verify", json={**ANANYA, "code": second})).status_code == 409
    assert (await nobody.post("/auth/code/verify", json={**ANANYA, "code": third})).status_code == 200


async def test_a_code_is_over_after_ten_minutes_and_good_for_its_purpose_alone(world: World) -> None:
    nobody = await world.api()
    await nobody.post("/auth/forgotten", json=ANANYA)
    code = await newest_code(world, "ananya")
    assert (await nobody.post("/auth/code/verify", json={**ANANYA, "code": code})).status_code == 409
    await world.sql(None, "UPDATE codes SET expires_at = expires_at - interval '10 minutes'")
    late = {**ANANYA, "code": code, "password": "three quiet rivers"}
    assert (await nobody.post("/auth/forgotten/reset", json=late)).status_code == 409


async def test_no_code_or_link_is_stored_in_the_clear(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    await web.post("/sign-in/code/send", data=FORM)
    code = await newest_code(world, "ananya")
    await world.sql(None, "DELETE FROM attempts")
    await web.post("/sign-in/link/send", data=FORM)
    token = (await newest_link(world, "ananya")).rsplit("/", 1)[1]
    for table in ("codes", "links", "jobs", "messages", "audit_entries"):
        for secret in (code, token):
            rows = await world.sql(None, f"SELECT 1 FROM {table} t WHERE t::text LIKE '%' || $1 || '%'", secret)
            assert not rows, f"{table} holds it"


@pytest.mark.parametrize(("said", "meant"), [("123 456", "123456"), ("123-456", "123456"), ("१२३४५६", "123456")])
def test_a_code_may_be_typed_as_people_do(said: str, meant: str) -> None:
    assert codes.typed(said) == meant


async def test_a_link_signs_in_by_a_button_once(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    sent = await web.post("/sign-in/link/send", data={**FORM, "next": "/settings"})
    assert sent.headers["location"] == "/sign-in/link"
    path = await newest_link(world, "ananya")
    for _ in range(2):  # programs that read mail open every link in it
        page = await web.get(path)
        assert page.status_code == 200
        assert "another browser" not in page.text
    signed = await web.post(path)
    assert (signed.status_code, signed.headers["location"]) == (303, "/settings")
    assert (await web.get("/settings")).status_code == 200
    assert (await web.post(path)).status_code == 409
    assert (await web.get(path)).status_code == 409


async def test_a_link_opened_elsewhere_asks_first(world: World) -> None:
    web, other = await browser_at(world, "198.51.100.7"), await browser_at(world, "203.0.113.9")
    await web.post("/sign-in/link/send", data=FORM)
    path = await newest_link(world, "ananya")
    assert "This link was asked for in another browser" in (await other.get(path)).text
    assert (await other.post(path)).status_code == 303


async def test_a_program_uses_a_link_too(world: World) -> None:
    nobody = await world.api()
    assert (await nobody.post("/auth/magic-link", json=ANANYA)).status_code == 202
    token = (await newest_link(world, "ananya")).rsplit("/", 1)[1]
    assert (await nobody.post("/auth/magic-link/verify", json={"token": token})).status_code == 200
    assert (await nobody.post("/auth/magic-link/verify", json={"token": token})).status_code == 409


async def first_factor(world: World, way: str) -> dict[str, Any]:
    nobody = await world.api()
    rao: dict[str, str] = {"email": email("rao")}
    if way == "password":
        answer = await nobody.post("/auth/login", json={**rao, "password": PASSWORD})
    elif way == "code":
        await nobody.post("/auth/code", json=rao)
        answer = await nobody.post("/auth/code/verify", json={**rao, "code": await newest_code(world, "rao")})
    else:
        await nobody.post("/auth/magic-link", json=rao)
        token = (await newest_link(world, "rao")).rsplit("/", 1)[1]
        answer = await nobody.post("/auth/magic-link/verify", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("way", ["password", "code", "link"])
async def test_attack_16_the_second_factor_is_asked_for_after_any_first(world: World, way: str) -> None:
    asked = await first_factor(world, way)
    assert asked["methods"][0] == "totp"
    nobody, body = await world.api(), {"challenge": asked["challenge"], "code": await world.code("rao")}
    signed = await nobody.post("/auth/login/second-factor", json=body)
    assert signed.status_code == 200, signed.text
    rows = await world.sql(None, "SELECT method, second_factor FROM sessions ORDER BY made_at DESC LIMIT 1")
    assert (rows[0]["method"], rows[0]["second_factor"]) == (f"{way}+totp", True)
    again = await nobody.post("/auth/login/second-factor", json=body)
    assert (again.status_code, again.json()["code"]) == (401, "challenge_over")


async def test_a_challenge_allows_five_tries_and_ten_minutes(world: World) -> None:
    nobody, asked = await world.api(), await first_factor(world, "password")
    wrong = {"challenge": asked["challenge"], "code": "abc"}
    answers = [(await nobody.post("/auth/login/second-factor", json=wrong)).json()["code"] for _ in range(6)]
    assert answers == ["wrong_second_factor"] * 5 + ["challenge_over"]
    late = await first_factor(world, "password")
    await world.sql(None, "UPDATE challenges SET expires_at = expires_at - interval '10 minutes'")
    body = {"challenge": late["challenge"], "code": await world.code("rao")}
    assert (await nobody.post("/auth/login/second-factor", json=body)).json()["code"] == "challenge_over"


async def test_a_challenge_is_good_at_its_own_kind_of_door_alone(world: World) -> None:
    asked, web = await first_factor(world, "password"), await browser_at(world, "198.51.100.7")
    web.cookies.set(CHALLENGE, asked["challenge"], domain="svastha.localhost")
    answer = await web.post("/sign-in/second-factor", data={"code": await world.code("rao")})
    assert answer.status_code == 401


async def test_a_browser_shows_both_factors(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    first = await web.post("/sign-in", data={"contact": email("rao"), "password": PASSWORD, "next": "/doctor"})
    assert first.headers["location"] == "/sign-in/second-factor"
    page = await web.get("/sign-in/second-factor")
    assert 'autocomplete="one-time-code"' in page.text
    wrong = await web.post("/sign-in/second-factor", data={"code": "000 000"})
    assert wrong.status_code == 401
    assert not re.search(r'name="code"[^>]*value="0', wrong.text), "what is secret is not shown again"
    right = await web.post("/sign-in/second-factor", data={"code": await world.code("rao")})
    assert right.headers["location"] == "/doctor"
    assert (await web.get("/doctor")).status_code == 200


async def test_whoever_needs_a_second_factor_and_has_none_is_led_to_it(world: World) -> None:
    await world.sql(None, "DELETE FROM totp_secrets")
    web = await browser_at(world, "198.51.100.7")
    answer = await web.post("/sign-in", data={"contact": email("rao"), "password": PASSWORD})
    assert answer.headers["location"] == "/security/enrol"
    assert (await web.get("/doctor")).headers["location"] == "/security/enrol"
