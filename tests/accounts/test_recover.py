"""Forgotten and changed passwords, changed addresses, showing once more who one is, and who is told."""

import httpx
import pytest

from svastha.doors.visit import COOKIE
from tests.cast import IDS, PASSWORD, World, email
from tests.ways_in import browser_at, newest_code, newest_link

NEW = "three quiet rivers"
ANANYA = {"email": email("ananya")}


async def login(world: World, name: str, password: str) -> httpx.Response:
    return await (await world.api()).post("/auth/login", json={"contact": name, "password": password})


async def test_a_forgotten_password_is_chosen_anew_and_ends_all_sessions(world: World) -> None:
    ananya, nobody = await world.api("ananya"), await world.api()
    assert (await nobody.post("/auth/forgotten", json=ANANYA)).status_code == 202
    body = {**ANANYA, "code": await newest_code(world, "ananya"), "password": NEW}
    weak = await nobody.post("/auth/forgotten/reset", json={**body, "password": "password123"})
    assert [error["field"] for error in weak.json()["errors"]] == ["password"]
    assert (await nobody.post("/auth/forgotten/reset", json=body)).status_code == 200
    assert (await ananya.get("/me")).status_code == 401
    assert (await login(world, email("ananya"), PASSWORD)).status_code == 401
    assert (await login(world, email("ananya"), NEW)).status_code == 200
    await world.settle()
    assert "password" in world.mail("ananya")[0].subject
    assert (await nobody.post("/auth/forgotten/reset", json=body)).status_code == 409


async def test_a_reset_password_does_not_stand_in_for_the_second_factor(world: World) -> None:
    nobody = await world.api()
    await nobody.post("/auth/forgotten", json={"email": email("rao")})
    body = {"email": email("rao"), "code": await newest_code(world, "rao"), "password": NEW}
    assert (await nobody.post("/auth/forgotten/reset", json=body)).status_code == 200
    assert (await login(world, email("rao"), NEW)).json()["code"] == "second_factor_required"


async def test_pages_lead_to_a_new_password(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    sent = await web.post("/forgotten", data={"contact": email("ananya")})
    assert sent.headers["location"] == "/forgotten/code"
    assert email("ananya") in (await web.get("/forgotten/code")).text
    form = {"contact": email("ananya"), "code": await newest_code(world, "ananya"), "password": NEW}
    assert (await web.post("/forgotten/code", data=form)).headers["location"] == "/sign-in"
    assert (await login(world, email("ananya"), NEW)).status_code == 200


async def stale(world: World) -> None:
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")


async def test_what_matters_is_asked_for_once_more(world: World) -> None:
    ananya = await world.api("ananya")
    await stale(world)
    refused = await ananya.put("/me/password", json={"password": NEW})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert (await ananya.post("/auth/step-up", json={"password": "not hers at all"})).status_code == 401
    assert (await ananya.post("/auth/step-up", json={"password": PASSWORD})).status_code == 200
    other = await world.api("ananya")
    assert (await ananya.put("/me/password", json={"password": NEW})).status_code == 200
    assert (await ananya.get("/me")).status_code == 200, "this session stays"
    assert (await other.get("/me")).status_code == 401, "the others end"


async def test_a_code_does_as_well_for_whoever_has_no_second_factor(world: World) -> None:
    ananya = await world.api("ananya")
    await stale(world)
    assert (await ananya.post("/auth/step-up/code")).status_code == 202
    code = await newest_code(world, "ananya")
    assert (await ananya.post("/auth/step-up", json={"code": "000000"})).status_code == 409
    assert (await ananya.post("/auth/step-up", json={"code": code})).status_code == 200


async def test_whoever_has_a_second_factor_shows_that_one(world: World) -> None:
    rao = await world.api("rao")
    await stale(world)
    assert (await rao.post("/auth/step-up", json={"password": PASSWORD})).json()["code"] == "not_this_way"
    assert (await rao.post("/auth/step-up/code")).status_code == 409
    assert (await rao.post("/auth/step-up", json={"code": "abc"})).status_code == 401
    assert (await rao.post("/auth/step-up", json={"code": await world.code("rao")})).status_code == 200


async def test_a_page_steps_up_and_the_session_changes_its_token(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    await web.post("/sign-in", data={"contact": email("ananya"), "password": PASSWORD})
    before = web.cookies[COOKIE]
    await stale(world)
    assert (await web.get("/security/password")).headers["location"] == "/step-up?next=%2Fsecurity%2Fpassword"
    wrong = await web.post("/step-up", data={"password": "not hers at all", "next": "/security/password"})
    assert wrong.status_code == 401
    assert "not hers at all" not in wrong.text
    right = await web.post("/step-up", data={"password": PASSWORD, "next": "/security/password"})
    assert right.headers["location"] == "/security/password"
    assert web.cookies[COOKIE] != before
    assert (await web.get("/security/password")).status_code == 200
    web.cookies.set(COOKIE, before, domain="svastha.localhost")
    assert (await web.get("/home")).status_code == 303, "the old token is worth nothing"


async def test_a_new_address_replaces_the_old_one_which_may_object(world: World) -> None:
    ananya = await world.api("ananya")
    sent = await ananya.post("/me/contacts", json={"contact": "Ananya.New@cast.test"})
    assert sent.status_code == 202
    code = await newest_code(world, "ananya.new@cast.test")
    assert (await login(world, "ananya.new@cast.test", PASSWORD)).status_code == 401, "not before it is verified"
    assert (await ananya.post("/me/contacts/verify", json={"code": "000000"})).status_code == 409
    verified = await ananya.post("/me/contacts/verify", json={"code": code})
    assert [one["value"] for one in verified.json()["items"]] == ["ananya.new@cast.test"]
    assert (await login(world, email("ananya"), PASSWORD)).status_code == 401
    assert (await login(world, "ananya.new@cast.test", PASSWORD)).status_code == 200

    path = await newest_link(world, "ananya")
    web = await world.web()
    assert (await web.get(path)).status_code == 200
    assert (await ananya.get("/me")).status_code == 200, "looking does nothing"
    assert (await web.post(path)).headers["location"] == "/forgotten"
    assert (await ananya.get("/me")).status_code == 401
    assert (await login(world, email("ananya"), PASSWORD)).status_code == 401, "nor the password"
    await world.sql(None, "DELETE FROM attempts")
    await (await world.api()).post("/auth/code", json=ANANYA)
    body = {**ANANYA, "code": await newest_code(world, "ananya")}
    assert (await (await world.api()).post("/auth/code/verify", json=body)).status_code == 200
    assert (await web.post(path)).status_code == 409


async def test_nobody_objects_after_three_days(world: World) -> None:
    ananya = await world.api("ananya")
    await ananya.post("/me/contacts", json={"contact": "ananya.new@cast.test"})
    await ananya.post("/me/contacts/verify", json={"code": await newest_code(world, "ananya.new@cast.test")})
    path = await newest_link(world, "ananya")
    await world.sql(None, "UPDATE contact_changes SET done_at = done_at - interval '73 hours'")
    web = await world.web()
    assert (await web.get(path)).status_code == 409
    assert (await web.post(path)).status_code == 409


async def test_ones_own_address_is_no_new_one(world: World) -> None:
    ananya = await world.api("ananya")
    assert (await ananya.post("/me/contacts", json={"contact": email("ananya")})).status_code == 422


async def test_an_address_of_somebody_else_gets_the_same_answer_and_no_code(world: World) -> None:
    ananya = await world.api("ananya")
    free = await ananya.post("/me/contacts", json={"contact": "free@cast.test"})
    taken = await ananya.post("/me/contacts", json={"contact": email("kavya")})
    assert (free.status_code, free.json()) == (taken.status_code, taken.json())
    await world.settle()
    assert "already has one" in world.mail("kavya")[0].text


async def test_the_last_address_stays(world: World) -> None:
    ananya = await world.api("ananya")
    mine = (await ananya.get("/me/contacts")).json()["items"][0]
    refused = await ananya.delete(f"/me/contacts/{mine['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_address")
    theirs = (await (await world.api("kavya")).get("/me/contacts")).json()["items"][0]
    assert (await ananya.delete(f"/me/contacts/{theirs['id']}")).status_code == 404


async def test_a_sign_in_from_a_new_device_is_announced_and_from_a_known_one_is_not(world: World) -> None:
    form = {"contact": email("ananya"), "password": PASSWORD}
    first, second = await browser_at(world, "198.51.100.7"), await browser_at(world, "203.0.113.9")
    await first.post("/sign-in", data=form)
    await world.settle()
    assert not world.mail("ananya"), "the first device of all"
    await second.post("/sign-in", data=form, headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    await world.settle()
    assert [mail.subject for mail in world.mail("ananya")] == ["A new sign-in to your account"]
    for web in (first, second):
        await web.post("/sign-out")
        assert (await web.post("/sign-in", data=form)).status_code == 303
    await world.settle()
    assert len(world.mail("ananya")) == 1


@pytest.mark.parametrize("password", ["password123", "svastha-2026", "ananya@cast.test", "aaaaaaaaaaaaaaaa"])
async def test_a_password_that_is_soon_guessed_is_refused(world: World, password: str) -> None:
    ananya = await world.api("ananya")
    answer = await ananya.put("/me/password", json={"password": password})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "password")


async def test_the_same_letters_are_the_same_password_on_any_keyboard(world: World) -> None:
    ananya = await world.api("ananya")
    await ananya.put("/me/password", json={"password": "quiet caf\u00e9 rivers"})
    assert (await login(world, email("ananya"), "quiet cafe\u0301 rivers")).status_code == 200


async def test_a_hash_of_weaker_parameters_is_made_anew_at_sign_in(world: World, slow_hashes: None) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    await world.sql(None, "UPDATE accounts SET password_hash = $1 WHERE id = $2", weak, IDS["ananya"])
    assert (await login(world, email("ananya"), PASSWORD)).status_code == 200
    rows = await world.sql(None, "SELECT password_hash FROM accounts WHERE id = $1", IDS["ananya"])
    assert "m=65536" in rows[0][0]
