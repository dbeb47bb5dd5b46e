"""One sign-on at the platform's host and at every clinic's own, with no cookie that both can read."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from svastha.kit.crypto import digest
from tests.cast import World

BASE, ASHA, NADI = "http://localhost:8000", "http://asha.svastha.localhost:8000", "http://nadi.svastha.localhost:8000"


def cookies_for(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.cookies.items() if value}


async def walked(world: World, host: str, path: str = "/home") -> tuple[httpx.Response, str, dict[str, str]]:
    """From a page of a clinic's host that needs a person to the answer that lets her in there."""
    client = await world.web()
    to_sign_in = await client.get(f"{host}{path}")
    assert to_sign_in.status_code == 303
    away = await client.get(f"{host}{to_sign_in.headers['location']}")
    asked = cookies_for(away)
    client.cookies.clear()
    assert away.headers["location"].startswith(f"{BASE}/hand-over?")
    gita = await world.web("gita")
    back = await gita.get(away.headers["location"])
    assert back.status_code == 303 and back.headers["location"].startswith(f"{host}/hand-over/"), back.text
    return back, back.headers["location"], asked


async def at(world: World, url: str, cookies: dict[str, str]) -> httpx.Response:
    client = await world.web()
    client.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return await client.get(url)


async def test_whoever_is_signed_in_at_the_platform_is_let_in_at_a_clinics_host(world: World) -> None:
    _, url, asked = await walked(world, ASHA, "/home?past=all")
    entered = await at(world, url, asked)
    assert entered.status_code == 303 and entered.headers["location"] == "/home?past=all"
    session = cookies_for(entered)
    assert "domain" not in entered.headers["set-cookie"].lower() and "__Host-session" in session
    assert (await at(world, f"{ASHA}/admin", session)).status_code == 200, "with her role, and both her factors"
    again = await at(world, url, asked)
    assert again.status_code == 401, "a token is good once"


@pytest.mark.parametrize("how", ["another browser", "another host", "too late", "signed out meanwhile"])
async def test_a_token_is_good_only_where_when_and_for_whom_it_was_made(world: World, how: str) -> None:
    _, url, asked = await walked(world, ASHA)
    if how == "another browser":
        asked = {"__Host-asked": "guessed"}
    elif how == "another host":
        url = url.replace(ASHA, NADI)
    elif how == "too late":
        await world.sql(None, "UPDATE hand_overs SET expires_at = now()")
    else:
        await world.sql(None, "UPDATE sessions SET ended_at = now()")
    refused = await at(world, url, asked)
    assert refused.status_code == 401 and "__Host-session" not in cookies_for(refused)


async def test_signing_out_anywhere_signs_out_everywhere(world: World) -> None:
    _, url, asked = await walked(world, ASHA)
    session = cookies_for(await at(world, url, asked))
    client = await world.web()
    client.headers["cookie"] = f"__Host-session={session['__Host-session']}"
    client.headers["origin"] = ASHA
    assert (await client.post(f"{ASHA}/sign-out")).status_code == 303
    ended = await world.sql(
        None, "SELECT count(*) AS n FROM sessions WHERE user_agent = 'test' AND ended_at IS NOT NULL"
    )
    assert ended[0]["n"] == 1, "the session it came from"


async def test_nobody_is_handed_to_a_host_that_is_none_of_ours(world: World) -> None:
    gita = await world.web("gita")
    for clinic in ("none", "evil.test", "asha.evil.test/", "../x"):
        answer = await gita.get(f"{BASE}/hand-over", params={"clinic": clinic, "asked": "a", "next": "//evil.test"})
        assert answer.status_code == 404
    answer = await gita.get(f"{BASE}/hand-over", params={"clinic": "asha", "asked": "a", "next": "//evil.test"})
    assert parse_qs(urlsplit(answer.headers["location"]).query)["next"] == ["/"]


@pytest.mark.parametrize("asked", ["", digest("").hex()])
async def test_nobody_is_signed_in_as_somebody_else_by_a_link(world: World, asked: str) -> None:
    """A browser that asked for nothing takes nothing, so that nobody works in the account of whoever sent the link."""
    gita = await world.web("gita")
    back = await gita.get(f"{BASE}/hand-over", params={"clinic": "asha", "asked": asked})
    refused = await at(world, back.headers["location"], {"__Host-lang": "en"})
    assert refused.status_code == 401 and "__Host-session" not in cookies_for(refused)
