"""Sign in with Google in a browser, against a provider over real HTTP."""

import asyncio
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import structlog

from svastha.adapters.oidc_twin import Misdeed, OpenIdTwin
from svastha.adapters.oidc_twin_http import Somebody
from svastha.doors.visit import COOKIE
from svastha.kit.log import set_up
from tests.cast import IDS, World
from tests.federation import LATA, SITE, arrive, browser, choose, leave, signed_in_as


async def test_a_newcomer_gets_an_account_and_comes_back_to_it(trusting: World, twin: OpenIdTwin) -> None:
    client = await browser(trusting)
    back = await arrive(client, path="/sign-in/with/google?next=/settings")
    assert (back.status_code, back.headers["location"]) == (303, "/settings")
    assert await signed_in_as(client) == "Lata Joshi"
    again = await browser(trusting)
    assert (await arrive(again)).headers["location"] == "/home"
    accounts = await trusting.sql(None, "SELECT id, password_hash FROM accounts WHERE name = 'Lata Joshi'")
    assert [row["password_hash"] for row in accounts] == [None]
    assert not await trusting.sql(None, "SELECT 1 FROM grants WHERE account_id = $1", accounts[0]["id"])
    [row] = await trusting.sql(None, "SELECT i::text AS all FROM identities i")
    assert LATA.email not in row["all"], "the address is sealed"
    await trusting.settle()
    told = [mail.subject for mail in trusting.mail(LATA.email)]
    assert "A new way to sign in to your account" not in told, "the account was opened with it"


async def test_a_role_never_comes_from_claims(trusting: World, twin: OpenIdTwin) -> None:
    honest = twin.id_token
    twin.id_token = lambda who, **more: honest(who, **more, role="platform_admin", roles=["platform_admin"])  # type: ignore[method-assign]
    client = await browser(trusting)
    await arrive(client)
    assert (await client.get("/platform")).status_code == 404


async def test_what_goes_to_the_provider(trusting: World, twin: OpenIdTwin) -> None:
    client = await browser(trusting)
    out = await client.get("/sign-in/with/google?next=https://evil.test/")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(out.headers["location"]).query).items()}
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert asked["redirect_uri"] == f"{SITE}/sign-in/with/google/back"
    kept = next(value for value in out.headers.get_list("set-cookie") if value.startswith("__Host-way="))
    assert all(word in kept for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/")) and "Domain" not in kept
    assert not any(asked[name] in kept for name in ("state", "nonce")), "sealed"
    assert parse_qs(urlsplit(await leave(client)).query)["state"] != [asked["state"]]


async def test_a_link_on_a_foreign_page_signs_nobody_in(trusting: World) -> None:
    client = await browser(trusting)
    out = await client.get("/sign-in/with/google?next=/home", headers={"sec-fetch-site": "cross-site"})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in?next=%2Fhome")


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
async def test_nobody_is_sent_elsewhere_afterwards(trusting: World, next: str) -> None:
    client = await browser(trusting)
    assert (await arrive(client, path=f"/sign-in/with/google?{urlencode({'next': next})}")).headers[
        "location"
    ] == "/home"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_keys_may_change_at_any_time(
    trusting: World, twin: OpenIdTwin, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await arrive(await browser(trusting))).status_code == 303
    twin.rotate(algorithm)
    twin.forget_old_keys()
    asked = twin.asked.count("/keys")
    assert (await arrive(await browser(trusting))).status_code == 401, "looked for at most once a minute"
    assert twin.asked.count("/keys") == asked
    monkeypatch.setattr("svastha.adapters.oidc.BETWEEN_LOOKS", 0.0)
    assert (await arrive(await browser(trusting))).status_code == 303
    assert twin.asked.count("/keys") == asked + 1


WRONG: list[Misdeed] = [
    "nonce",
    "no_nonce",
    "audience",
    "other_audiences",
    "azp",
    "issuer",
    "expired",
    "future",
    "none",
    "unsigned",
    "hmac",
    "other_key",
    "unknown_key",
    "tampered",
    "wrong_iss",
    "no_iss",
]


@pytest.mark.parametrize("misdeed", WRONG)
async def test_a_token_that_is_not_right_signs_nobody_in(trusting: World, twin: OpenIdTwin, misdeed: Misdeed) -> None:
    """Attack 17: signature, issuer, audience and nonce are verified."""
    twin.misbehave = misdeed
    client = await browser(trusting)
    back = await arrive(client)
    assert back.status_code == 401, misdeed
    assert "Signing in with Google did not work" in back.text
    assert COOKIE not in client.cookies and not await trusting.sql(None, "SELECT 1 FROM identities")
    twin.misbehave = ""
    assert (await arrive(client)).status_code == 303, "and with a right one she comes in"


async def test_an_id_token_of_another_sign_in_is_not_taken(trusting: World, twin: OpenIdTwin) -> None:
    await arrive(await browser(trusting))
    twin.misbehave = "replay"
    assert (await arrive(await browser(trusting))).status_code == 401


async def test_a_callback_counts_once_and_only_in_the_browser_that_began(trusting: World) -> None:
    client, other = await browser(trusting), await browser(trusting)
    address = (await choose(await leave(client), LATA)).headers["location"]
    await leave(other)
    foreign = await other.get(address)
    assert foreign.status_code == 401 and COOKIE not in other.cookies, "not her state: nobody is signed in as another"
    nobody = await (await browser(trusting)).get(address)
    assert (nobody.status_code, "begun in another browser" in nobody.text) == (400, True)
    kept = client.cookies["__Host-way"]
    assert (await client.get(address)).status_code == 303
    assert (await client.get(address)).status_code == 400, "the cookie is gone"
    thief = await browser(trusting)
    thief.cookies.set("__Host-way", kept, domain="svastha.localhost")
    assert (await thief.get(address)).status_code == 401, "and the code is spent"


@pytest.mark.parametrize("value", ["", "x", "A" * 3000, "=" * 40])
async def test_a_cookie_nobody_sealed_is_nothing(trusting: World, value: str) -> None:
    client = await browser(trusting)
    client.headers["cookie"] = f"__Host-way={value}; __Host-returned={value}; __Host-waiting={value}"
    for path in (
        "/sign-in/with/google/back?code=x&state=y",
        "/sign-in/with/google/back",
        "/sign-in/with/google/back?code=%00&state=%00",
    ):
        assert (await client.get(path)).status_code == 400


async def test_one_who_declines_is_told_so_and_nothing_of_the_provider_is_repeated(trusting: World) -> None:
    back = await arrive(await browser(trusting), None)
    assert back.status_code == 401
    assert "did not finish signing in with Google" in back.text and "declined" not in back.text


async def test_a_provider_that_does_not_answer(trusting: World, twin: OpenIdTwin) -> None:
    client = await browser(trusting)
    address = (await choose(await leave(client), LATA)).headers["location"]
    twin.misbehave = "server_error"
    assert (await arrive(await browser(trusting))).status_code == 503
    twin.misbehave = "garbage"
    assert (await arrive(await browser(trusting))).status_code == 503
    await asyncio.to_thread(twin.stop)
    back = await client.get(address)
    assert back.status_code == 503 and int(back.headers["retry-after"]) > 0
    assert "Google does not answer at this moment" in back.text and 'href="/sign-in/with/google"' in back.text


async def test_a_provider_that_is_down_at_the_start(trusting: World, twin: OpenIdTwin) -> None:
    await asyncio.to_thread(twin.stop)
    out = await (await browser(trusting)).get("/sign-in/with/google?next=/settings")
    assert out.status_code == 503
    assert 'href="/sign-in/with/google?next=%2Fsettings"' in out.text and 'href="/sign-in?next=%2Fsettings"' in out.text


async def test_unknown_providers_are_not_there(trusting: World, world: World) -> None:
    client = await browser(trusting)
    for path in ("/sign-in/with/facebook", "/sign-in/with/facebook/back"):
        assert (await client.get(path)).status_code == 404
    assert (await (await world.web()).get("/sign-in/with/google")).status_code == 404, "none is set up"


async def test_a_suspended_account_gets_the_words_of_any_failed_sign_in(trusting: World) -> None:
    await arrive(await browser(trusting))
    await trusting.sql(None, "UPDATE accounts SET suspended_at = now() WHERE name = 'Lata Joshi'")
    client = await browser(trusting)
    refused = await arrive(client)
    wrong = await client.post("/sign-in", data={"contact": "who@cast.test", "password": "no"})
    said = re.search(r'<p role="alert">([^<]*)</p>', refused.text)
    assert refused.status_code == wrong.status_code == 401 and said and said[1] in wrong.text
    assert COOKIE not in client.cookies


async def test_an_unconfirmed_address_opens_nothing(trusting: World, twin: OpenIdTwin) -> None:
    """Whoever types another's address at a provider gets neither her account nor one in her name."""
    honest = twin.chosen
    twin.chosen = lambda asked, who: honest(asked, who and Somebody(who.email, who.name, confirmed=False))  # type: ignore[method-assign]
    for email in (LATA.email, "ananya@cast.test"):
        back = await arrive(await browser(trusting), Somebody(email, "Not She"))
        assert (back.status_code, "did not tell us a confirmed e-mail" in back.text) == (409, True)
    assert not await trusting.sql(None, "SELECT 1 FROM identities")


async def test_staff_still_show_their_second_factor(trusting: World) -> None:
    [_] = await trusting.sql(
        None,
        "INSERT INTO identities (id, account_id, provider, issuer, subject, sealed)"
        " SELECT gen_random_uuid(), $1, 'google', $2, $3, ''::bytea RETURNING id",
        IDS["rao"],
        trusting.house.providers["google"]._settings.issuer,  # type: ignore[attr-defined]
        Somebody("rao@gmail.test").subject,
    )
    client = await browser(trusting)
    back = await arrive(client, Somebody("rao@gmail.test", "Rao"))
    assert back.status_code == 303 and COOKIE not in client.cookies
    assert (await client.get("/doctor")).status_code == 303, "not in before the second factor"


async def test_the_userinfo_endpoint_is_asked_for_what_the_token_leaves_out(trusting: World, twin: OpenIdTwin) -> None:
    twin.email_in_token = False
    client = await browser(trusting)
    await arrive(client)
    assert "/userinfo" in twin.asked and await signed_in_as(client) == "Lata Joshi"


async def test_apple_posts_back_and_knows_us_by_a_signed_secret(trusting: World) -> None:
    client = await browser(trusting)
    page = await choose(await leave(client, "/sign-in/with/apple?next=/settings"), LATA)
    action = re.search(r'action="([^"]*)"', page.text)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    assert action and {"code", "state", "user"} <= fields.keys()
    cross_site = {"origin": "https://appleid.apple.test", "sec-fetch-site": "cross-site", "cookie": "none=sent"}
    posted = await client.post(action[1], data=fields, headers=cross_site)
    assert (posted.status_code, posted.headers["location"]) == (303, "/sign-in/with/apple/back")
    back = await client.get(posted.headers["location"])
    assert (back.status_code, back.headers["location"]) == (303, "/settings"), back.text
    assert await signed_in_as(client) == "Lata Joshi"


async def test_no_secret_comes_into_the_log(
    trusting: World, twin: OpenIdTwin, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up("debug")
    for module in ("svastha.adapters.oidc", "svastha.doors.passage"):
        monkeypatch.setattr(f"{module}.log", structlog.get_logger())
    client = await browser(trusting)
    out = await leave(client)
    address = (await choose(out, LATA)).headers["location"]
    await client.get(address)
    twin.misbehave = "nonce"
    await arrive(client)
    set_up("error")
    seen = "".join(capfd.readouterr())
    assert '"why": "nonce"' in seen and "/sign-in/with/{provider}/back" in seen
    secret = [*parse_qs(urlsplit(out).query)["state"], *parse_qs(urlsplit(address).query)["code"], LATA.email, "eyJ"]
    assert not [word for word in secret if word in seen]


async def test_two_first_arrivals_at_once_open_one_account(trusting: World) -> None:
    clients = [await browser(trusting) for _ in range(4)]
    backs = [(await choose(await leave(client), LATA)).headers["location"] for client in clients]
    answers: list[httpx.Response] = await asyncio.gather(
        *(client.get(back) for client, back in zip(clients, backs, strict=True))
    )
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len(await trusting.sql(None, "SELECT 1 FROM accounts WHERE name = 'Lata Joshi'")) == 1
