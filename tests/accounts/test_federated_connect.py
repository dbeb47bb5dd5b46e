"""Who may be signed in by which identity: connecting, disconnecting, and nobody lying in wait."""

import pytest

from svastha.adapters.oidc_twin import OpenIdTwin
from svastha.adapters.oidc_twin_http import Somebody
from svastha.doors.visit import COOKIE
from tests.cast import IDS, PASSWORD, World, email
from tests.federation import APP, LATA, arrive, browser, choose, leave, signed_in_as

ANANYA = Somebody(email("ananya"), "Ananya D.")
CONNECT = "/sign-in/with/google/connect"
NONCE = "a nonce of this test"


async def identities(world: World) -> list[tuple[object, str]]:
    rows = await world.sql(None, "SELECT account_id, subject FROM identities ORDER BY id")
    return [(row["account_id"], row["subject"]) for row in rows]


async def test_a_known_address_is_connected_only_by_its_owner(trusting: World) -> None:
    client = await browser(trusting)
    back = await arrive(client, ANANYA, "/sign-in/with/google?next=/settings")
    assert (back.status_code, back.headers["location"]) == (303, f"/sign-in?next={CONNECT.replace('/', '%2F')}")
    assert COOKIE not in client.cookies and not await identities(trusting), "not taken over"
    assert "There is an account with your e-mail address already" in (await client.get(back.headers["location"])).text
    entered = await client.post("/sign-in", data={"contact": ANANYA.email, "password": PASSWORD, "next": CONNECT})
    assert entered.headers["location"] == CONNECT, entered.text
    page = await client.get(CONNECT)
    assert page.status_code == 200 and ANANYA.email in page.text and "Ananya Deshpande" in page.text
    assert not await identities(trusting), "looking at it connects nothing"
    foreign = await client.post(CONNECT, headers={"origin": "https://evil.test"})
    assert foreign.status_code == 403 and not await identities(trusting)
    assert (await client.post(CONNECT)).headers["location"] == "/settings"
    assert await identities(trusting) == [(IDS["ananya"], ANANYA.subject)]
    await trusting.settle()
    assert "Google can sign you in" in trusting.mail("ananya")[0].text
    later = await browser(trusting)
    await arrive(later, ANANYA)
    assert await signed_in_as(later) == "Ananya Deshpande"


async def test_somebody_else_at_the_same_computer_connects_nothing(trusting: World) -> None:
    """Ananya goes away in the middle; Kavya signs in. Ananya's identity must not open Kavya's account."""
    client = await browser(trusting)
    await arrive(client, ANANYA)
    client.cookies.set(COOKIE, await trusting.token("kavya", "browser"), domain="svastha.localhost")
    assert (await client.get(CONNECT)).status_code == 400
    assert (await client.post(CONNECT)).status_code == 400
    assert not await identities(trusting)


async def test_a_provider_that_runs_the_domain_opens_the_account_and_she_is_told(trusting: World) -> None:
    owner = Somebody("ananya@gmail.test", "Anybody")
    account = await arrive_by_code(trusting, owner.email)
    client = await browser(trusting)
    assert (await arrive(client, owner)).headers["location"] == "/home"
    assert await signed_in_as(client) == "Early Bird" and await identities(trusting) == [(account, owner.subject)]
    await trusting.settle()
    assert "Google can sign you in" in trusting.mail(owner.email)[0].text


async def arrive_by_code(world: World, address: str) -> object:
    """An account that was opened with this address, by whoever reads its mail."""
    from svastha.domain import accounts
    from svastha.doors import visit
    from svastha.kit.ids import uuid7

    id = uuid7()
    async with visit.to_control(world.house) as tx:
        await accounts.register_verified(
            tx, account_id=id, email=address, name="Early Bird", password_hash=await accounts.hash_password(PASSWORD)
        )
    return id


async def test_nobody_lies_in_wait_with_anothers_address(trusting: World) -> None:
    """Pre-hijacking: a sign-up with her address that nobody confirmed neither takes her identity nor stays usable."""
    stranger = await trusting.api()
    await stranger.post(
        "/auth/register", json={"email": LATA.email, "contact": LATA.email, "password": PASSWORD, "name": "Mallory"}
    )
    client = await browser(trusting)
    await arrive(client)
    assert await signed_in_as(client) == "Lata Joshi"
    refused = await stranger.post(
        "/auth/login", json={"email": LATA.email, "contact": LATA.email, "password": PASSWORD}
    )
    assert refused.status_code in (401, 403) and "access_token" not in refused.text
    owners = await trusting.sql(None, "SELECT a.name FROM accounts a JOIN identities i ON i.account_id = a.id")
    assert [row["name"] for row in owners] == ["Lata Joshi"]


async def test_an_identity_follows_its_subject_not_its_address(trusting: World, twin: OpenIdTwin) -> None:
    await arrive(await browser(trusting))
    honest = twin.id_token
    twin.id_token = lambda who, **more: honest(who, **more, sub="somebody-new")  # type: ignore[method-assign]
    client = await browser(trusting)
    await arrive(client, Somebody("other@elsewhere.test", "Somebody New"))
    assert await signed_in_as(client) == "Somebody New"


async def test_connect_and_disconnect_in_the_settings(trusting: World) -> None:
    client = await browser(trusting, "ananya")
    back = await arrive(client, LATA, "/security/identities/with/google")
    assert (back.status_code, back.headers["location"]) == (303, CONNECT)
    assert (await client.post(CONNECT)).headers["location"] == "/security/identities"
    page = await client.get("/security/identities")
    [row] = await trusting.sql(None, "SELECT id FROM identities")
    mine = f"/security/identities/{row['id']}"
    assert LATA.email in page.text and mine in page.text and "Connect Google" in page.text
    kavya = await browser(trusting, "kavya")
    assert [(await kavya.get(mine)).status_code, (await kavya.post(mine)).status_code] == [404, 404]
    assert "Disconnect Google" in (await client.get(mine)).text
    assert (await client.post(mine)).headers["location"] == "/security/identities"
    assert not await identities(trusting) and (await client.get(mine)).status_code == 404


async def test_connecting_asks_for_a_fresh_proof(trusting: World) -> None:
    client = await browser(trusting, "ananya")
    await arrive(client, LATA, "/security/identities/with/google")
    await trusting.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    forget = await trusting.token("ananya", "browser")
    await trusting.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    client.cookies.clear()
    client.cookies.set(COOKIE, forget, domain="svastha.localhost")
    for answer in (await client.get("/security/identities/with/google"), await client.post(CONNECT)):
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/step-up")
    assert not await identities(trusting)


async def test_the_last_way_in_stays(trusting: World) -> None:
    client = await browser(trusting)
    await arrive(client)
    [row] = await trusting.sql(None, "SELECT id, account_id FROM identities")
    await trusting.sql(None, "DELETE FROM contacts WHERE account_id = $1", row["account_id"])
    refused = await client.post(f"/security/identities/{row['id']}")
    assert (refused.status_code, "your only way to sign in" in refused.text) == (409, True)
    await trusting.sql(None, "UPDATE accounts SET password_hash = 'x' WHERE id = $1", row["account_id"])
    assert (await client.post(f"/security/identities/{row['id']}")).status_code == 303


async def test_another_ones_identity_cannot_be_connected(trusting: World) -> None:
    await arrive(await browser(trusting))
    client = await browser(trusting, "ananya")
    await arrive(client, LATA, "/security/identities/with/google")
    refused = await client.post(CONNECT)
    assert (refused.status_code, "connected to another account" in refused.text) == (409, True)


async def test_a_stranger_cannot_make_her_connect_his(trusting: World) -> None:
    """His callback, brought to her browser while she is signed in, is of no use: the state is not hers."""
    mallory, victim = await browser(trusting, "kavya"), await browser(trusting, "ananya")
    his = (await choose(await leave(mallory, "/security/identities/with/google"), LATA)).headers["location"]
    assert (await victim.get(his)).status_code == 400
    await leave(victim, "/security/identities/with/google")
    assert (await victim.get(his)).status_code == 401
    assert (await victim.post(CONNECT)).status_code == 400 and not await identities(trusting)


# programs ------------------------------------------------------------------------------------------------------------


async def test_an_app_signs_in_with_its_id_token_once(trusting: World, twin: OpenIdTwin) -> None:
    app = await trusting.api()
    body = {"id_token": twin.id_token(LATA, audience=APP, nonce=NONCE), "nonce": NONCE}
    signed = await app.post("/auth/oidc/google", json=body)
    assert signed.status_code == 200, signed.text
    me = await app.get("/me", headers={"authorization": f"Bearer {signed.json()['access_token']}"})
    assert me.json()["name"] == "Lata Joshi"
    again = await app.post("/auth/oidc/google", json=body)
    assert (again.status_code, again.json()["code"]) == (401, "not_vouched"), "an ID token works once"
    through_web_client = twin.id_token(LATA, audience="svastha", nonce=NONCE, azp=APP)
    assert (
        await app.post("/auth/oidc/google", json={"id_token": through_web_client, "nonce": NONCE})
    ).status_code == 200


@pytest.mark.parametrize(
    "misdeed",
    ["nonce", "no_nonce", "audience", "azp", "issuer", "expired", "none", "unsigned", "hmac", "other_key", "tampered"],
)
async def test_an_app_gets_nothing_for_a_wrong_token(trusting: World, twin: OpenIdTwin, misdeed: str) -> None:
    """Attack 17, for programs."""
    twin.misbehave = misdeed  # type: ignore[assignment]
    app = await trusting.api()
    body = {"id_token": twin.id_token(LATA, audience=APP, nonce=NONCE), "nonce": NONCE}
    answer = await app.post("/auth/oidc/google", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_vouched")
    assert not await identities(trusting)


async def test_what_an_app_must_not_send(trusting: World, twin: OpenIdTwin) -> None:
    app, token = await trusting.api(), twin.id_token(LATA, audience=APP, nonce=NONCE)
    assert (await app.post("/auth/oidc/apple", json={"id_token": token, "nonce": NONCE})).status_code == 404
    assert (await app.post("/auth/oidc/nobody", json={"id_token": token, "nonce": NONCE})).status_code == 404
    for body in (
        {},
        {"id_token": "", "nonce": NONCE},
        {"id_token": token},
        {"id_token": 5, "nonce": NONCE},
        {"id_token": token, "nonce": ""},
    ):
        assert (await app.post("/auth/oidc/google", json=body)).status_code in (400, 422), body
    for wild in ("x", "a.b.c", "..", "\x00", "é.é.é", "eyJhbGciOiJSUzI1NiJ9.e30.", "A" * 16000):
        answer = await app.post("/auth/oidc/google", json={"id_token": wild, "nonce": NONCE})
        assert answer.status_code == 401, (wild, answer.text)


async def test_an_app_connects_after_signing_in(trusting: World, twin: OpenIdTwin) -> None:
    nobody, ananya = await trusting.api(), await trusting.api("ananya")
    body = {"id_token": twin.id_token(ANANYA, audience=APP, nonce=NONCE), "nonce": NONCE}
    first = await nobody.post("/auth/oidc/google", json=body)
    assert (first.status_code, first.json()["code"]) == (409, "sign_in_first")
    assert str(IDS["ananya"]) not in first.text
    connected = await ananya.post("/me/identities/google", json=body)
    assert connected.status_code == 200, connected.text
    [one] = connected.json()["items"]
    assert one["email"] == ANANYA.email and (await ananya.get("/me/identities")).json()["items"] == [one]
    kavya = await trusting.api("kavya")
    assert (await kavya.delete(f"/me/identities/{one['id']}")).status_code == 404
    assert (await ananya.delete(f"/me/identities/{one['id']}")).status_code == 204


async def test_staff_answer_a_challenge_in_the_app_too(trusting: World, twin: OpenIdTwin) -> None:
    rao, app = await trusting.api("rao"), await trusting.api()
    who = Somebody(email("rao"), "Rao")
    body = {"id_token": twin.id_token(who, audience=APP, nonce=NONCE), "nonce": NONCE}
    assert (await rao.post("/me/identities/google", json=body)).status_code == 200
    body["id_token"] = twin.id_token(who, audience=APP, nonce=NONCE, jti="next")
    asked = await app.post("/auth/oidc/google", json=body)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
    finish = {"challenge": asked.json()["challenge"], "code": await trusting.code("rao")}
    signed = await app.post("/auth/login/second-factor", json=finish)
    assert signed.status_code == 200, signed.text
