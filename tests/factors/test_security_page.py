"""The security page: what one has, where one is signed in, and every change behind a fresh sign-in."""

import re

import httpx
import pyotp

from svastha.domain.accounts.sessions_list import network_words
from svastha.doors import visit
from svastha.kit.user_agent import device_of
from tests.cast import IDS, World

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


async def stale(world: World, name: str) -> None:
    await world.sql(
        None, "UPDATE sessions SET proven_at = now() - interval '11 minutes' WHERE account_id = $1", IDS[name]
    )


async def unenrolled(world: World, name: str) -> httpx.AsyncClient:
    """Signed in with her password alone, as before she has set anything up."""
    await world.sql(None, "DELETE FROM totp_secrets WHERE account_id = $1", IDS[name])
    web = await world.web()
    web.headers["cookie"] = f"{visit.COOKIE}={await world.token(name, 'browser', second_factor=False)}"
    return web


async def test_it_shows_what_there_is(world: World) -> None:
    web = await world.web("rao")
    page = await web.get("/security")
    assert page.status_code == 200
    for words in ("Passkeys", "Authenticator app", "Set up", "Recovery codes", "You have none", "This device"):
        assert words in page.text
    hindi = await web.get("/security", headers={"cookie": f"{web.headers['cookie']}; __Host-lang=hi"})
    assert hindi.status_code == 200
    nobody = await (await world.web()).get("/security")
    assert nobody.status_code == 303 and nobody.headers["location"] == "/sign-in?next=%2Fsecurity"


async def test_every_change_wants_a_fresh_sign_in(world: World) -> None:
    web, api = await world.web("rao"), await world.api("rao")
    await stale(world, "rao")
    for path in ("/security/totp", "/security/passkeys/new", "/security/recovery-codes"):
        away = await web.get(path)
        assert away.status_code == 303 and away.headers["location"].startswith("/step-up?next=%2Fsecurity"), path
    for path in ("/security/totp", "/security/totp/remove", "/security/recovery-codes", "/security/passkeys/begin"):
        assert (await web.post(path)).status_code == 303, path
    script = await web.post("/security/passkeys/begin", headers={"accept": "application/json"})
    assert script.status_code == 403 and script.json()["code"] == "step_up_required"
    for method, path in (("POST", "/me/totp"), ("DELETE", "/me/totp"), ("POST", "/me/recovery-codes")):
        refused = await api.request(method, path)
        assert refused.status_code == 403 and refused.json()["code"] == "step_up_required", path


async def test_an_app_is_set_up_by_hand_and_her_work_opens_at_once(world: World) -> None:
    web = await unenrolled(world, "rao")
    assert (await web.get("/doctor")).headers["location"] == "/security/enrol"
    offers = await web.get("/security/enrol", params={"next": "/doctor"})
    assert offers.text.index("Use a passkey") < offers.text.index("Use an authenticator app")

    page = await web.get("/security/totp", params={"next": "/doctor"})
    found = re.search(r'id="setup-key">([A-Z2-7 ]+)<', page.text)
    assert found and "<svg" in page.text
    assert (await web.get("/security/totp")).text.count(found[1]) == 1, "loading the page again keeps the secret"
    app = pyotp.TOTP(found[1].replace(" ", ""))
    wrong = await web.post("/security/totp", data={"code": "12 34", "next": "/doctor"})
    assert wrong.status_code == 409 and "not right" in wrong.text and found[1] in wrong.text

    before = web.headers["cookie"]
    done = await web.post("/security/totp", data={"code": app.now(), "next": "/doctor"})
    assert done.status_code == 303 and done.headers["location"] == "/security/recovery-codes?next=%2Fdoctor"
    web.headers["cookie"] = f"{visit.COOKIE}={done.cookies[visit.COOKIE]}"
    assert web.headers["cookie"] != before
    assert (await web.get("/doctor")).status_code == 200
    old = await world.web()
    old.headers["cookie"] = before
    assert (await old.get("/doctor")).status_code == 303, "the token from before is worth nothing"

    shown = await web.post("/security/recovery-codes", data={"next": "/doctor"})
    codes = re.findall(r"<code class=\"num\">([0-9A-Z-]{29})</code>", shown.text)
    assert len(codes) == 10 and shown.headers["cache-control"] == "no-store"
    assert not [code for code in codes if code in (await web.get("/security/recovery-codes")).text]
    assert "10 codes left" in (await web.get("/security")).text


async def test_whoever_has_a_factor_shows_it_instead_of_setting_up_another(world: World) -> None:
    web = await world.web()
    web.headers["cookie"] = f"{visit.COOKIE}={await world.token('rao', 'browser', second_factor=False)}"
    away = await web.get("/security/enrol", params={"next": "/doctor"})
    assert away.status_code == 303 and away.headers["location"] == "/step-up?next=%2Fdoctor"
    assert (await web.get("/security/totp")).headers["location"].startswith("/step-up")
    assert (await web.post("/security/totp", data={"code": "123456"})).headers["location"].startswith("/step-up")


async def test_sessions_are_listed_and_ended_one_or_all(world: World) -> None:
    here, there, api = await world.web("ananya"), await world.web("ananya"), await world.api("ananya")
    await world.sql(
        None,
        "UPDATE sessions SET user_agent = $1, address = '203.0.113.77' WHERE account_id = $2 AND kind = 'browser'",
        CHROME,
        IDS["ananya"],
    )
    page = (await here.get("/security")).text
    assert page.count("Chrome on Windows") >= 2 and "203.0.113.…" in page and "203.0.113.77" not in page
    listed = (await api.get("/me/sessions")).json()["items"]
    assert [one["this"] for one in listed] == [True, False, False]
    assert {one["browser"] for one in listed} == {"Chrome", ""}

    stranger = await world.api("kavya")
    assert (await stranger.delete(f"/me/sessions/{listed[0]['id']}")).status_code == 404
    ended = re.findall(r'action="/security/sessions/([0-9a-f-]{36})/end"', page)
    browsers = [one["id"] for one in listed if one["kind"] == "browser"]
    [other] = [id for id in ended if id in browsers]
    assert (await here.post(f"/security/sessions/{other}/end")).status_code == 303
    assert (await there.get("/home")).status_code == 303, "ended on the very next request"
    assert (await here.get("/home")).status_code == 200
    assert (await here.post("/security/sessions/end-others")).status_code == 303
    assert (await api.get("/me")).status_code == 401
    assert (await here.get("/home")).status_code == 200


async def test_codes_are_in_the_mailbox_of_development_alone(world: World) -> None:
    web = await world.web()
    for to in ("rao@cast.test", "RAO@cast.test "):
        items = (await web.get("/dev/mailbox.json", params={"to": to})).json()["items"]
        assert items[0]["channel"] == "authenticator" and items[0]["subject"] == "Current code"
        assert items[0]["text"] == f"Your code for Svastha is {await world.code('rao')}"
    assert len((await web.get("/dev/mailbox.json")).json()["items"]) >= 6
    assert "rao@cast.test" in (await web.get("/dev/mailbox")).text
    assert not (await web.get("/dev/mailbox.json", params={"to": "ananya@cast.test"})).json()["items"]
    from svastha.doors.web.router import pages

    assert not [route.path for route in pages(production=True).routes if route.path.startswith("/dev")]


def test_devices_and_networks_in_words() -> None:
    assert device_of(CHROME) == ("Chrome", "Windows")
    assert device_of(CHROME + " Edg/140.0") == ("Edge", "Windows")
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
    assert device_of(iphone) == ("Safari", "iPhone")
    android = "Mozilla/5.0 (Linux; Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    assert device_of(android) == ("Firefox", "Android")
    assert device_of("python-httpx/0.28") == ("", "")
    assert network_words("203.0.113.77") == "203.0.113.…"
    assert network_words("2001:db8:1:2::3") == "2001:db8:1::…"
    assert network_words("") == "" == network_words("nowhere")
