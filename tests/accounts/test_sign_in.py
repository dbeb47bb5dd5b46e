"""Sign up, confirm, sign in, refresh, sign out: through the API."""

import re

import pytest

from tests.cast import IDS, PASSWORD, World, email

NEW = {"email": "new@cast.test", "password": "three quiet rivers", "name": "Lata Joshi"}


async def test_sign_up_confirm_sign_in(world: World) -> None:
    nobody = await world.api()
    assert (await nobody.post("/auth/register", json=NEW)).status_code == 201
    early = await nobody.post("/auth/login", json={"email": NEW["email"], "password": NEW["password"]})
    assert (early.status_code, early.json()["code"]) == (403, "email_unverified")
    await world.settle()
    code = re.search(r"\b\d{6}\b", world.mail(NEW["email"])[0].text)
    assert code
    wrong = "000000" if code.group() != "000000" else "111111"
    refused = await nobody.post("/auth/verify-email", json={"email": NEW["email"], "code": wrong})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_code")
    taken = await nobody.post("/auth/verify-email", json={"email": NEW["email"], "code": code.group()})
    assert taken.status_code == 200
    again = await nobody.post("/auth/verify-email", json={"email": NEW["email"], "code": code.group()})
    assert again.status_code == 409, "a code works once"
    signed = (await nobody.post("/auth/login", json={"email": NEW["email"], "password": NEW["password"]})).json()
    assert (signed["token_type"], signed["expires_in"]) == ("Bearer", 900)
    me = await nobody.get("/me", headers={"authorization": f"Bearer {signed['access_token']}"})
    assert me.json()["name"] == "Lata Joshi"


async def test_five_wrong_codes_end_the_code(world: World) -> None:
    nobody = await world.api()
    await nobody.post("/auth/register", json=NEW)
    await world.settle()
    found = re.search(r"\b\d{6}\b", world.mail(NEW["email"])[0].text)
    assert found
    right = found.group()
    for n in range(5):
        wrong = f"{(int(right) + n + 1) % 10**6:06}"
        await nobody.post("/auth/verify-email", json={"email": NEW["email"], "code": wrong})
    answer = await nobody.post("/auth/verify-email", json={"email": NEW["email"], "code": right})
    assert answer.status_code == 409


TYPED = {"contact": "", "email": ""}


async def test_registering_a_known_address_tells_nothing_and_changes_nothing(world: World) -> None:
    nobody = await world.api()
    known = await nobody.post("/auth/register", json={**NEW, "email": email("ananya"), "role": "platform_admin"})
    unknown = await nobody.post("/auth/register", json={**NEW, "role": "platform_admin"})
    assert known.status_code == unknown.status_code == 201
    assert known.json() | TYPED == unknown.json() | TYPED
    await world.settle()
    assert "already has one" in world.mail("ananya")[0].text
    assert not re.search(r"\b\d{6}\b", world.mail("ananya")[0].text)
    old = await nobody.post("/auth/login", json={"email": email("ananya"), "password": PASSWORD})
    assert old.status_code == 200
    grants = await world.sql(None, "SELECT 1 FROM grants g WHERE g.account_id = $1", IDS["ananya"])
    assert not grants, "roles never come from the client"


async def test_wrong_password_and_unknown_person_get_the_same_answer(world: World) -> None:
    nobody = await world.api()
    wrong = await nobody.post("/auth/login", json={"email": email("ananya"), "password": "not hers at all"})
    unknown = await nobody.post("/auth/login", json={"email": "who@cast.test", "password": "not hers at all"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_many_failures_make_one_wait(world: World) -> None:
    nobody = await world.api()
    body = {"email": email("ananya"), "password": "not hers at all"}
    answers = [await nobody.post("/auth/login", json=body) for _ in range(11)]
    assert [a.status_code for a in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_sign_out_works_at_once(world: World) -> None:
    ananya = await world.api("ananya")
    assert (await ananya.get("/me")).status_code == 200
    assert (await ananya.post("/auth/logout")).status_code == 204
    after = await ananya.get("/me")
    assert (after.status_code, after.headers["content-type"]) == (401, "application/problem+json")


async def test_a_refresh_token_works_once_and_twice_ends_the_session(world: World) -> None:
    nobody = await world.api()
    first = (await nobody.post("/auth/login", json={"email": email("ananya"), "password": PASSWORD})).json()
    second = await nobody.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    bearer = {"authorization": f"Bearer {second.json()['access_token']}"}
    assert (await nobody.get("/me", headers=bearer)).status_code == 200
    stolen = await nobody.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert stolen.status_code == 401
    assert (await nobody.get("/me", headers=bearer)).status_code == 401, "the whole session has ended"
    as_access = {"authorization": f"Bearer {first['refresh_token']}"}
    assert (await nobody.get("/me", headers=as_access)).status_code == 401


async def test_suspension_acts_at_once(world: World) -> None:
    ananya = await world.api("ananya")
    await world.sql(None, "UPDATE accounts SET suspended_at = now() WHERE id = $1", IDS["ananya"])
    assert (await ananya.get("/me")).status_code == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"password": "short"}, "password"),
        ({"name": " "}, "name"),
        ({"email": "a\u0000@b.test"}, "email"),
        ({"name": "N" * 121}, "name"),
    ],
)
async def test_what_cannot_be_taken_is_named(world: World, change: dict[str, str], field: str) -> None:
    nobody = await world.api()
    answer = await nobody.post("/auth/register", json={**NEW, **change})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"email": 5}', b"\xff\xfe", b'{"email":null,"password":{},"name":1}']
)
async def test_a_malformed_body_is_a_problem_not_a_fault(world: World, body: bytes) -> None:
    nobody = await world.api()
    answer = await nobody.post("/auth/register", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_profile_changes_and_refuses(world: World) -> None:
    ananya = await world.api("ananya")
    changed = await ananya.patch("/me", json={"locale": "hi", "zone": "Asia/Kathmandu"})
    assert (changed.json()["locale"], changed.json()["zone"], changed.json()["name"]) == (
        "hi",
        "Asia/Kathmandu",
        "Ananya Deshpande",
    )
    refused = await ananya.patch("/me", json={"zone": "Mars/Base"})
    assert refused.status_code == 422


async def test_passwords_are_argon2id_and_tokens_are_digests(world: World) -> None:
    token = await world.token("ananya", "api")
    rows = await world.sql(None, "SELECT password_hash FROM accounts WHERE id = $1", IDS["ananya"])
    assert rows[0][0].startswith("$argon2id$")
    rows = await world.sql(None, "SELECT 1 FROM sessions s WHERE s::text LIKE '%' || $1 || '%'", token)
    assert not rows
