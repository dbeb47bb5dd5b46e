"""What a page costs on the wire, measured in a real Chromium: bytes with their headers, packed as they are sent.

Each page by a browser that has never been here, and once more by the same browser; the second time the files of the
page come from its own memory. Nothing is asked of anybody else. People who work have much on their pages, so the cast's
clinic is in the middle of its day.
"""

import asyncio
import shutil
from collections.abc import Sequence
from typing import NamedTuple

from playwright.async_api import Browser, async_playwright

from bench.figures import Figure
from bench.stand import Stand, stand
from svastha.doors import visit
from svastha.main import create_app
from tests.browser.conftest import FLAGS, NAMES
from tests.cast import RAO, World
from tests.server import running

LARGEST = 25.0  # kilobytes of the first visit to the public page
AT_ONCE = 4  # browsers; bytes are counted, not seconds
FEW = ("find a doctor", "patient: home", "desk: the day")
PAGES: dict[str, tuple[str | None, str]] = {
    "find a doctor": (None, "/"),
    "search results": (None, "/?q=acidity&mode=video"),
    "a doctor": (None, f"/doctors/{RAO}"),
    "a clinic": (None, "/c/asha/"),
    "sign in": (None, "/sign-in"),
    "sign up": (None, "/sign-up"),
    "patient: home": ("ananya", "/home"),
    "patient: a visit": ("ananya", "/c/asha/visits/{visit}"),
    "patient: security": ("ananya", "/security"),
    "doctor: today": ("rao", "/doctor"),
    "doctor: calendar": ("rao", "/doctor/calendar?view=week"),
    "doctor: a visit": ("rao", "/c/asha/doctor/visits/{visit}"),
    "desk: the day": ("farida", "/desk"),
    "desk: find": ("farida", "/c/asha/find?q=deshpande"),
    "desk: queue": ("farida", "/c/asha/queue"),
    "admin: clinic": ("gita", "/c/asha/admin"),
    "admin: people": ("gita", "/c/asha/people"),
    "admin: audit": ("gita", "/c/asha/audit"),
    "platform": ("jaya", "/platform"),
}


class Visit(NamedTuple):
    kilobytes: float
    requests: int


async def looked_at(browser: Browser, url: str, token: str | None) -> tuple[Visit, Visit]:
    """A first and a second visit."""
    context = await browser.new_context(timezone_id="Asia/Kolkata")
    if token:
        cookie = {"name": visit.COOKIE, "value": token, "url": "https://localhost/", "secure": True, "httpOnly": True}
        await context.add_cookies([cookie])  # type: ignore[list-item]
    found = []
    for _ in range(2):
        page = await context.new_page()
        wire = await context.new_cdp_session(page)
        await wire.send("Network.enable")
        sizes: dict[str, float] = {}
        asked: set[str] = set()
        from_memory: set[str] = set()

        def sent(event: dict[str, object], asked: set[str] = asked) -> None:
            if not str(event["request"]["url"]).startswith("data:"):  # type: ignore[index]
                asked.add(str(event["requestId"]))

        wire.on("Network.requestWillBeSent", sent)
        wire.on("Network.requestServedFromCache", lambda e, kept=from_memory: kept.add(e["requestId"]))
        wire.on(
            "Network.responseReceived",
            lambda e, kept=from_memory: e["response"].get("fromDiskCache") and kept.add(e["requestId"]),
        )
        wire.on("Network.loadingFinished", lambda e, s=sizes: s.update({e["requestId"]: e["encodedDataLength"]}))
        answer = await page.goto(url, wait_until="load")
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{url}: {answer and answer.status}")
        await page.wait_for_timeout(300)  # what its script asks for afterwards; live pages are never idle
        over_the_wire = asked - from_memory
        found.append(Visit(sum(sizes.get(id, 0) for id in over_the_wire) / 1000, len(over_the_wire)))
        await page.close()
    await context.close()
    return found[0], found[1]


async def lived_in(at: Stand) -> tuple[str, dict[str, str]]:
    """A visit, and a session of everybody whose pages are looked at."""
    world = World(at.house, create_app(at.house))
    await world.open()
    try:
        made = await world.booked("ananya")
        who = {name for name, _ in PAGES.values() if name}
        return made["id"], {name: await world.token(name, "browser") for name in sorted(who)}
    finally:
        await world.close()


async def measure(short: bool) -> list[Figure]:
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        raise RuntimeError("there is no Chromium on this machine (Debian: apt-get install chromium)")
    figures: list[Figure] = []
    async with stand(fast=True) as at:
        visit_id, tokens = await lived_in(at)
        server = at.server()
        with running(server):
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
                chosen = [name for name in PAGES if not short or name in FEW]
                gate = asyncio.Semaphore(AT_ONCE)

                async def look(name: str) -> Sequence[Figure]:
                    who, path = PAGES[name]
                    async with gate:
                        url = server.url + path.format(visit=visit_id)
                        return told(name, *await looked_at(browser, url, tokens.get(who or "")))

                for found in await asyncio.gather(*map(look, chosen)):
                    figures += found
                await browser.close()
    return figures


def told(name: str, first: Visit, second: Visit) -> Sequence[Figure]:
    public = name == "find a doctor"
    return (
        Figure(f"{name}, first visit", [first.kilobytes], "KB", "at most", LARGEST if public else None, True,
               note=f"{first.requests} requests"),
        Figure(f"{name}, again", [second.kilobytes], "KB", compared=True, note=f"{second.requests} requests"),
    )  # fmt: skip
