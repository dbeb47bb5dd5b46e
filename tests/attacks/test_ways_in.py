"""Getting in, staying in, and getting in again: attacks 13 to 21."""

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from svastha.adapters.oidc_twin import OpenIdTwin
from svastha.domain.accounts import attempts
from svastha.domain.accounts.attempts import Limit
from svastha.doors.visit import COOKIE
from svastha.kit.crypto import digest
from svastha.settings import Settings, SettingsTrouble, env_name, load
from tests.accounts.test_same_answer import Work
from tests.attacks.walk import Walker, doors
from tests.cast import IDS, PASSWORD, ROLES, World, email
from tests.doors.test_trust import another_process, remembering, with_token
from tests.federation import arrive, browser
from tests.test_settings import FIT
from tests.ways_in import caller_at, newest_code

NEW = {"contact": "new@cast.test", "password": "three quiet rivers", "name": "Lata Joshi"}
ABOVE = {"role": "platform_admin", "roles": ["platform_admin"], "is_admin": True, "grants": [{"role": "doctor"}]}
WRONG_TOKENS = ("nonce", "no_nonce", "audience", "other_audiences", "azp", "issuer", "expired")
WRONG_TOKENS += ("none", "unsigned", "hmac", "other_key", "tampered")


async def login(client: httpx.AsyncClient, password: str = PASSWORD, name: str = "ananya") -> httpx.Response:
    return await client.post("/auth/login", json={"contact": email(name), "password": password})


def bearing(answer: httpx.Response, which: str = "access_token") -> dict[str, str]:
    return {"authorization": f"Bearer {answer.json()[which]}"}


async def test_attack_13_a_role_never_comes_from_the_client(world: World) -> None:
    """Where sign-up takes a role along, anybody becomes an administrator."""
    nobody = await world.api()
    assert (await nobody.post("/auth/register", json=NEW | ABOVE)).status_code in (201, 400, 422)
    assert (await nobody.post("/auth/register", json=NEW)).status_code == 201
    code = await newest_code(world, NEW["contact"])
    proof = {"contact": NEW["contact"], "code": code}
    assert (await nobody.post("/auth/verify-email", json=proof | ABOVE)).status_code in (200, 400, 422)
    signed = await nobody.post("/auth/login", json=NEW | ABOVE)
    me = bearing(signed)
    await nobody.patch("/me", json={"name": "Lata"} | ABOVE, headers=me)
    page = await world.web()
    await page.post("/sign-up", data=NEW | {"contact": "other@cast.test", "role": "clinic_admin"})
    await world.settle()
    assert len(await world.sql(None, "SELECT FROM grants")) == len(ROLES), "those of the cast, and no more"
    assert (await nobody.get("/clinics/asha/people", headers=me)).status_code == 404


async def test_attack_14_what_ends_rights_acts_on_the_next_request_in_every_process(world: World) -> None:
    """Tokens that go on working until they expire, after sign-out, suspension, dismissal and a change of password."""
    gita, jaya = await world.api("gita"), await world.api("jaya")
    desk, path = "/clinics/asha/appointments?all=true", f"/platform/people/{IDS['farida']}"
    [grant] = await world.sql(None, "SELECT id FROM grants WHERE account_id = $1", IDS["farida"])
    why = {"why": "Asked for by telephone, identity checked"}
    await world.booked()

    async with another_process(world) as other:
        await remembering(world)
        await remembering(other)

        async def signed_in() -> tuple[httpx.AsyncClient, list[httpx.AsyncClient]]:
            """Farida as a program here, in both processes, and in a browser there: all remember her."""
            token = await world.token("farida", "api")
            page = await other.web("farida")
            clients = [await with_token(world, token), await with_token(other, token), page]
            for client in (*clients, *clients):
                assert (await client.get("/settings" if client is page else "/me")).status_code == 200
            return clients[0], clients

        async def gone(clients: list[httpx.AsyncClient]) -> bool:
            answers = [await client.get("/desk" if "cookie" in client.headers else "/me") for client in clients]
            return [answer.status_code for answer in answers] == [401, 401, 303][: len(clients)]

        here, everywhere = await signed_in()
        assert (await here.post("/auth/logout")).status_code == 204
        assert await gone(everywhere[:2])
        assert (await everywhere[2].get("/settings")).status_code == 200, "another session of hers"
        assert (await everywhere[2].post("/sign-out")).status_code == 303
        assert (await everywhere[2].get("/settings")).status_code == 303

        here, everywhere = await signed_in()
        assert (await jaya.post(f"{path}/suspend", json=why)).status_code == 204
        assert await gone(everywhere)
        assert (await jaya.post(f"{path}/reinstate", json=why)).status_code == 204

        here, everywhere = await signed_in()
        changing = await world.api("farida")
        answer = await changing.put("/me/password", json={"password": "seven slow monsoons"})
        assert answer.status_code == 200, answer.text
        assert await gone(everywhere)

        here, everywhere = await signed_in()
        for client in everywhere[:2]:
            assert (await client.get(desk)).json()["items"]
        assert (await gita.delete(f"/clinics/asha/people/{IDS['farida']}/roles/{grant['id']}")).status_code == 204
        for client in everywhere[:2]:
            answer = await client.get(desk)
            assert answer.status_code == 404 or answer.json()["items"] == []
        assert (await everywhere[2].get("/desk")).status_code == 404


async def test_attack_15_a_refresh_token_works_once_and_for_nothing_else(world: World) -> None:
    """Refresh tokens that are never spent, are taken as access tokens, or come in the address."""
    nobody = await world.api()
    first = await login(nobody)
    refresh = first.json()["refresh_token"]
    assert (await nobody.get("/me", headers=bearing(first, "refresh_token"))).status_code == 401
    for body in ({"refresh_token": first.json()["access_token"]}, {}):
        answer = await nobody.post("/auth/refresh", params={"refresh_token": refresh}, json=body)
        assert answer.status_code in (400, 401, 422), "neither an access token, nor one in the address"
    second = await nobody.post("/auth/refresh", json={"refresh_token": refresh})
    assert second.status_code == 200 and (await nobody.get("/me", headers=bearing(second))).status_code == 200
    assert second.json()["refresh_token"] != refresh
    again = await nobody.post("/auth/refresh", json={"refresh_token": refresh})
    assert (again.status_code, again.json()["code"]) == (401, "invalid_token")
    assert (await nobody.get("/me", headers=bearing(second))).status_code == 401, "stolen: the family ends"
    body = {"refresh_token": second.json()["refresh_token"]}
    assert (await nobody.post("/auth/refresh", json=body)).status_code == 401
    third = await login(nobody)
    assert (await nobody.post("/auth/logout", headers=bearing(third))).status_code == 204
    body = {"refresh_token": third.json()["refresh_token"]}
    assert (await nobody.post("/auth/refresh", json=body)).status_code == 401, "signing out ends it as well"


async def test_attack_16_who_works_here_shows_a_second_factor_at_every_door(world: World) -> None:
    """A policy that no route asks about. One who signs in with a password alone gets a challenge, and none of these."""
    walker = Walker(world, {}, second_factor=False)
    [clinic] = await world.sql(None, "SELECT id FROM clinics WHERE slug = 'asha'")
    enforced = 0
    for door in doors(world):
        for who in ("rao", "gita", "jaya", "indu"):
            role, place = ROLES[who]
            if door.needs in ("public", "self") or not _by_role(role, door.needs):
                continue
            answer = await walker.ask(who, door)
            away = answer.response.headers.get("location", "")
            if answer.response.status_code == 404 and place and "{clinic}" not in door.path:
                continue  # a page of those who work at some clinic
            assert answer.response.status_code == 403 or away.startswith("/security/enrol"), answer
            assert answer.response.status_code == 303 or answer.response.json()["code"] == "second_factor_missing"
            enforced += 1
    assert enforced > 60 and clinic
    for name in ("rao", "gita", "jaya", "indu"):
        asked = await login(await world.api(), name=name)
        assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
        assert "access_token" not in asked.text


def _by_role(role: str, permission: str) -> bool:
    """Hers by this role, and not by being signed in."""
    from svastha.domain.accounts import who_may
    from svastha.domain.accounts.permissions import FOR_EVERYBODY

    return role in who_may(permission) and not who_may(permission) & FOR_EVERYBODY


async def test_attack_16_codes_cannot_be_foretold_read_or_used_twice(world: World) -> None:
    """Codes from Math.random, kept in the clear, without end."""
    nobody, found = await world.api(), []
    for _ in range(2):
        await world.sql(None, "DELETE FROM attempts")
        random.seed(7)
        assert (await nobody.post("/auth/code", json={"contact": email("ananya")})).status_code == 202
        found.append(await newest_code(world, "ananya"))
    assert found[0] != found[1], "the same seed, another code"
    code = found[1]
    [kept] = await world.sql(None, "SELECT subject, hash FROM codes WHERE purpose = 'sign_in'")
    simple = (code, f"sign_in/{kept['subject']}/{code}", f"{kept['subject']}/{code}")
    assert kept["hash"] not in [word for text in simple for word in (text.encode(), digest(text))]
    proof = {"contact": email("ananya"), "code": code}
    assert (await nobody.post("/auth/code/verify", json=proof)).status_code == 200
    assert (await nobody.post("/auth/code/verify", json=proof)).status_code == 409, "once"
    await world.sql(None, "DELETE FROM attempts")
    await nobody.post("/auth/code", json={"contact": email("ananya")})
    proof["code"] = await newest_code(world, "ananya")
    for n in range(1, 6):
        wrong = proof | {"code": f"{(int(proof['code']) + n) % 10**6:06}"}
        assert (await nobody.post("/auth/code/verify", json=wrong)).status_code == 409
    assert (await nobody.post("/auth/code/verify", json=proof)).status_code == 409, "five guesses end it"


async def test_attack_16_a_code_of_the_app_counts_once(world: World) -> None:
    """Whoever looks over a shoulder has half a minute to use the same code again."""
    nobody, code = await world.api(), await world.code("rao")
    answers = []
    for _ in range(2):
        challenge = (await login(nobody, name="rao")).json()["challenge"]
        answers.append(await nobody.post("/auth/login/second-factor", json={"challenge": challenge, "code": code}))
    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[1].json()["code"] == "wrong_second_factor"


async def test_attack_17_a_provider_is_believed_only_with_its_signature_for_us(
    trusting: World, twin: OpenIdTwin
) -> None:
    """Verifiers that return the same user whatever token they are shown."""
    client = await browser(trusting)
    for misdeed in WRONG_TOKENS:
        twin.misbehave = misdeed  # type: ignore[assignment]
        back = await arrive(client)
        assert back.status_code == 401 and COOKIE not in client.cookies, misdeed
    assert not await trusting.sql(None, "SELECT 1 FROM identities")
    nobody = await trusting.api()
    for token in ("", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."):
        answer = await nobody.post("/auth/oidc/google", json={"id_token": token, "nonce": "n" * 43})
        assert answer.status_code in (400, 401, 422), answer.text
    twin.misbehave = ""
    assert (await arrive(client)).status_code == 303


async def test_attack_18_a_forged_address_does_not_evade_the_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limits by an X-Forwarded-For that anybody may write."""
    monkeypatch.setitem(attempts.LIMITS, "pair", Limit(3, 15 * 60))
    monkeypatch.setitem(attempts.LIMITS, "account", Limit(8, 60 * 60))

    async def guess(client: httpx.AsyncClient, said: str) -> int:
        body = {"contact": email("ananya"), "password": "not hers at all"}
        names = ("x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip")
        return (await client.post("/auth/login", json=body, headers=dict.fromkeys(names, said))).status_code

    direct = await caller_at(world, "203.0.113.9")
    assert [await guess(direct, f"198.51.100.{n}") for n in range(5)] == [401] * 3 + [429] * 2
    assert world.app
    behind = msgspec.structs.replace(world.house.settings, trusted_proxies="10.0.0.0/8")
    world.app.state.house = msgspec.structs.replace(world.house, settings=behind)
    proxy = await caller_at(world, "10.0.0.1")
    answers = [await guess(proxy, f"198.51.100.{n}, 203.0.113.20") for n in range(4)]
    assert answers == [401] * 3 + [429], "what our proxy wrote counts, not what stands before it"
    assert await guess(proxy, "198.51.100.1, 203.0.113.21") == 401, "another one behind the same proxy"
    stranger = await caller_at(world, "203.0.113.22")
    assert await guess(stranger, "10.0.0.1") == 401
    assert await guess(await caller_at(world, "203.0.113.23"), "") == 429, "everybody together against one account"


async def test_attack_19_known_and_unknown_get_the_same_answer_for_the_same_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "User not found", or an answer that comes sooner where there is no password to compare."""
    nobody, work = await world.api(), Work(monkeypatch)
    await login(nobody, "first of all", "somebody")  # reads keys that are then remembered
    for path, more in (
        ("/auth/login", {"password": "not hers at all"}),
        ("/auth/code", {}),
        ("/auth/magic-link", {}),
        ("/auth/forgotten", {}),
        ("/auth/register", {"name": "Lata Joshi", "password": "three quiet rivers"}),
    ):
        found = []
        for who in ("ananya", "rao", "nobody"):
            work.done.clear()
            answer = await nobody.post(path, json={"contact": email(who), **more})
            found.append((answer.status_code, answer.text.replace(email(who), "…"), list(work.done)))
        assert found[0] == found[1] == found[2], path
        if "password" in more:
            assert found[2][2].count("argon2") == 1, path


async def test_attack_20_a_token_counts_from_the_second_it_was_issued_in(world: World) -> None:
    """Comparing whole seconds refuses whoever signs in right after she opened her account or changed her password."""
    nobody = await world.api()
    while time.time() % 1 > 0.3:  # early in a second, so that all of it happens within that one
        await asyncio.sleep(0.01)
    signed = await login(nobody)
    assert (await nobody.get("/me", headers=bearing(signed))).status_code == 200
    for password in ("seven slow monsoons", "eight slow monsoons"):
        changed = await nobody.put("/me/password", json={"password": password}, headers=bearing(signed))
        assert changed.status_code == 200
        assert (await nobody.get("/me", headers=bearing(signed))).status_code == 200, "the session that changed it"
        signed = await login(nobody, password)
        assert (await nobody.get("/me", headers=bearing(signed))).status_code == 200
    await nobody.post("/auth/register", json=NEW)
    proof = {"contact": NEW["contact"], "code": await newest_code(world, NEW["contact"])}
    assert (await nobody.post("/auth/verify-email", json=proof)).status_code == 200
    newcomer = await nobody.post("/auth/login", json=NEW)
    assert (await nobody.get("/me", headers=bearing(newcomer))).status_code == 200


DEFAULTS = [
    "",
    "super-secret-key",
    "changeme" * 5,
    "a" * 64,
    "q7Jm0yVwz3Xk9TnB1sLh5Rf",
    "your-secret-key-here-your-secret-key",
]
WITH = {
    "SVASTHA_SECRET": {},
    "SVASTHA_MASTER_KEY": {},
    "SVASTHA_TURN_SECRET": {"SVASTHA_TURN_URLS": "turn:turn.example.in"},
    "SVASTHA_SMS_HOOK_SECRET": {"SVASTHA_SMS_KEY": "k", "SVASTHA_SMS_SENDER": "SVASTH"},
    "SVASTHA_WHATSAPP_APP_SECRET": {"SVASTHA_WHATSAPP_TOKEN": "t", "SVASTHA_WHATSAPP_PHONE_ID": "1"},
}


@pytest.mark.parametrize("name", WITH)
def test_attack_21_production_does_not_start_with_a_default_or_short_secret(name: str) -> None:
    """Constants from a public repository sign the tokens and open the records."""
    for value in DEFAULTS:
        with pytest.raises(SettingsTrouble, match=name):
            load(FIT | WITH[name] | {name: value})


def test_attack_21_no_secret_has_a_default_or_is_kept_with_the_code(tmp_path: Path) -> None:
    for field in msgspec.structs.fields(Settings):
        if re.search("secret|key$|token|password", field.name):
            assert field.default == "", f"{env_name(field.name)} has a default"
    root = Path(__file__).parents[2]
    assert not [found for place in (".", "src", "docs", "bin", "bench") for found in (root / place).glob(".env*")]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SVASTHA_") and name != "PORT"}
    environ: dict[str, Any] = clean | FIT | {"SVASTHA_SECRET": "super-secret-key", "SVASTHA_STATE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "svastha", "serve"], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode != 0 and "SVASTHA_SECRET" in done.stderr and "super-secret-key" not in done.stderr
