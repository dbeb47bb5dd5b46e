"""A call that goes on: chat, voice only, a server that dies, a second window."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.call import sees_video, until
from tests.browser.conftest import Open
from tests.browser.test_pages import the_visits
from tests.cast import World
from tests.conftest import settings_for
from tests.server import Process, running


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    return whole_browser


@pytest.fixture
async def site(world: World, dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[Process]:
    """Processes of their own, for one of them is killed."""
    found = settings_for(dsn, prefix, tmp_path, SVASTHA_SMTP_PORT=str(world.house.settings.smtp_port))
    server = Process("serve", found, tmp_path / "server.log")
    worker = Process("worker", found, tmp_path / "worker.log", SVASTHA_BASE_URL=server.url)
    with running(server, worker):
        yield server
    said = server.log.read_text() + worker.log.read_text()
    assert "server_error" not in said and "Traceback" not in said, said


async def test_a_call_survives_what_happens(world: World, site: Process, open_page: Open) -> None:
    visit, _ = await the_visits(world)
    ananya, rao = await open_page("ananya", width=390, height=844), await open_page("rao")
    await ananya.goto(f"/c/asha/visits/{visit}/room")
    await ananya.get_by_role("button", name="Enter the waiting room").click()
    await expect(ananya.locator("#visit-state")).to_have_attribute("data-status", "checked_in")
    await rao.goto(f"/c/asha/doctor/visits/{visit}")
    await rao.get_by_role("button", name="Admit").click()
    await sees_video(rao)
    await sees_video(ananya)

    # chat, both ways, stored sealed
    for page, words in ((rao, "Can you hear me?"), (ananya, "Yes, very well.")):
        await page.get_by_role("button", name="Chat", exact=True).click()
        await page.get_by_role("textbox", name="Message", exact=True).fill(words)
        await page.keyboard.press("Enter")
    for page in (rao, ananya):
        await expect(page.locator("#lines")).to_contain_text("Can you hear me?")
        await expect(page.locator("#lines")).to_contain_text("Yes, very well.")
    lines = await world.sql("asha", "SELECT content FROM chat_lines")
    assert len(lines) == 2 and not any(b"hear" in line["content"] for line in lines)

    # the server dies: the pictures go on without it, and everything is back when it is
    site.kill()
    await until(rao, "call.ws?.readyState !== 1")
    seen = await rao.evaluate("call.rx")
    await until(rao, f"call.rx > {seen} + 5")
    site.start()
    for page in (rao, ananya):
        await until(page, "call.ws?.readyState === 1")
        await sees_video(page)
        await expect(page.locator("#lines")).to_contain_text("Yes, very well.")

    # voice only, said to the other side and written into the log
    await ananya.get_by_role("button", name=re.compile("Voice only")).click()
    await expect(rao.locator("#there-says")).to_contain_text("voice only")
    log = [row["event"] for row in await world.sql("asha", "SELECT event FROM call_log ORDER BY at, id")]
    assert any("mode" in event or "voice" in event or "audio" in event for event in log), log

    # a second window of the same person takes the call over
    second = await ananya.context.new_page()
    await second.goto(f"/c/asha/visits/{visit}/room")
    await sees_video(second)
    await expect(ananya.get_by_text("The call is open in another window.")).to_be_visible()
