"""What a browser is given to keep: bound to one host, sent over TLS alone, and readable to nobody else."""

from urllib.parse import unquote

from svastha.doors.visit import COOKIE
from tests.cast import PASSWORD, World, email
from tests.ways_in import browser_at

HERE = "198.51.100.7"
ADDRESS = "somebody.new@cast.test"


async def test_every_cookie_is_of_this_host_and_secure(world: World) -> None:
    web = await browser_at(world, HERE)
    answers = [
        await web.post("/sign-up", data={"name": "New", "contact": ADDRESS, "password": PASSWORD, "next": "/home"}),
        await web.get("/language/hi"),
        await web.post("/sign-in/link/send", data={"contact": ADDRESS, "next": "/home"}),
        await web.post("/forgotten", data={"contact": ADDRESS}),
        await web.post("/sign-in", data={"contact": email("rao"), "password": PASSWORD, "next": "/doctor"}),
        await web.post("/sign-in", data={"contact": email("ananya"), "password": PASSWORD}),
        await web.post("/settings", data={"name": "Ananya", "locale": "en", "zone": "Asia/Kolkata"}),
        await web.get("/home"),
        await web.post("/sign-out"),
    ]
    cookies = [line for answer in answers for line in answer.headers.get_list("set-cookie")]
    names = {line.split("=")[0] for line in cookies}
    assert {f"__Host-{name}" for name in ("session", "lang", "flash", "next", "confirming", "sign_up")} <= names
    for line in cookies:
        assert line.startswith("__Host-"), line
        assert {"secure", "path=/", "samesite=lax", "httponly"} <= set(line.lower().split("; ")), line
        assert "domain" not in line.lower(), line
        assert "cast.test" not in unquote(line), "whose address it is stays here"


async def test_what_is_too_long_for_a_cookie_is_forgotten(world: World) -> None:
    web = await browser_at(world, HERE)
    answer = await web.post("/sign-in/code/send", data={"contact": ADDRESS, "next": "/doctors?q=" + "x" * 5000})
    cookies = answer.headers.get_list("set-cookie")
    assert answer.status_code == 303 and cookies
    assert max(len(line) for line in cookies) < 4096


async def test_signing_in_again_ends_the_session_before(world: World) -> None:
    web = await browser_at(world, HERE)
    form = {"contact": email("ananya"), "password": PASSWORD}
    await web.post("/sign-in", data=form)
    before = web.cookies[COOKIE]
    assert (await web.post("/sign-in", data=form)).status_code == 303
    assert (await web.get("/home")).status_code == 200
    web.cookies.set(COOKIE, before, domain="svastha.localhost")
    assert (await web.get("/home")).status_code == 303
