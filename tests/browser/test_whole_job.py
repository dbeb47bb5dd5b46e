"""Two real browsers do the whole job: search, book, wait, admit, see one another, write, sign, verify."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import cv2
import httpx
import pypdfium2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.call import sees_video
from tests.browser.conftest import Open
from tests.cast import World
from tests.server import Site


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    return whole_browser


async def begins_now(world: World) -> str:
    """Only the clock is moved: her visit starts in five minutes. Returns its day at the clinic."""
    starts = datetime.now(UTC) + timedelta(minutes=5)
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = $1::timestamptz, ends_at = $1::timestamptz + interval '20 minutes'"
        " WHERE status = 'confirmed'",
        starts,
    )
    return starts.astimezone(ZoneInfo("Asia/Kolkata")).date().isoformat()


async def find_and_book(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("searchbox").fill("acidty after food")  # misspelt, and a complaint rather than a name
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="See times").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Dr Meera Rao")
    await page.get_by_role(
        "link", name=re.compile("^Video")
    ).click()  # whichever kind of visit is the soonest at this hour
    await expect(page.locator("#times:not([aria-busy]) a[aria-current=true]", has_text="Video")).to_be_visible()
    await page.locator("label:has([name=starts_at])").last.click()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("time[data-countdown], [data-countdown]").first).to_have_text(re.compile(r"\d+:\d\d"))
    await page.get_by_label("What brings you here?").fill("Burning after the evening meal.")
    await page.get_by_role("button", name="Confirm booking").click()
    await page.wait_for_url(re.compile(r"/c/asha/visits/[0-9a-f-]+$"))


@pytest.fixture(params=["direct", "relay"])
def turn_urls(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("turn") if request.param == "relay" else ""


async def test_the_whole_job(world: World, site: Site, open_page: Open, turn_urls: str) -> None:
    query = "?relay=1" if turn_urls else ""
    ananya = await open_page("ananya", width=390, height=844, by_form=True)
    rao = await open_page("rao", width=1440, by_form=True)

    await find_and_book(ananya)
    visit = ananya.url
    day = await begins_now(world)

    # the waiting room shows the true state
    await ananya.goto(f"{visit}/room{query}")
    await ananya.get_by_role("button", name="Enter the waiting room").click()
    await expect(ananya.locator("#visit-state")).to_have_attribute("data-status", "checked_in")
    refused = await ananya.evaluate("url => fetch(url, {method: 'POST'}).then(r => r.status)", f"{visit}/video-token")
    assert refused == 409, "no media token before the doctor admits"

    # the doctor's list, and her screen
    await rao.goto(f"/doctor?day={day}")
    await rao.get_by_role("link", name=re.compile("Ananya Deshpande")).first.click()
    await rao.wait_for_url(re.compile("/doctor/visits/"))
    if query:
        await rao.goto(rao.url + query)
    await expect(rao.get_by_text("Burning after the evening meal.")).to_be_visible()
    await rao.get_by_role("button", name="Admit").click()
    await expect(ananya.locator("#visit-state")).to_have_attribute("data-status", "in_progress")

    # moving pictures both ways
    await sees_video(rao)
    await sees_video(ananya)
    if query:
        for page in (rao, ananya):
            pair = str(await page.evaluate("call.pair()"))
            assert "relay" in pair, pair

    # a reload on either side brings them back
    await ananya.reload()
    await sees_video(ananya)
    await sees_video(rao)

    # notes save themselves
    await rao.get_by_label("Subjective").press_sequentially("Burning in the chest, four days a week.", delay=2)
    await expect(rao.locator("[data-saves]")).to_have_text(re.compile("^Saved"))
    stored = await world.sql("asha", "SELECT version, content FROM notes")
    assert stored and b"Burning" not in stored[0]["content"]

    # prescription, signed
    await rao.locator("[name='rx-0-medicine']").fill("अविपत्तिकर चूर्ण")
    await rao.locator("[name='rx-0-dose']").fill("3 g")
    await rao.locator("[name='rx-0-days']").fill("15")
    await rao.get_by_label("Diet and daily routine").fill("Dinner before eight.")
    await expect(rao.locator("[data-saves]")).to_have_text(re.compile("^Saved"))
    await rao.get_by_role("button", name="Sign prescription").first.click()
    await rao.get_by_role("dialog").get_by_role("button", name="Sign prescription").click()
    await expect(rao.get_by_role("link", name="Prescription (PDF)")).to_be_visible()
    await rao.get_by_role("button", name="Finish visit").click()
    await rao.get_by_role("dialog").get_by_role("button", name="Finish and sign the note").click()
    # what the patient leaves with, on the page that her browser goes to by itself
    await ananya.wait_for_url(visit)
    link = await ananya.get_by_role("link", name=re.compile("PDF|Prescription|prescription")).first.get_attribute(
        "href"
    )
    assert link
    cookies = {cookie["name"]: cookie["value"] for cookie in await ananya.context.cookies()}  # type: ignore[typeddict-item]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.port}") as client:
        header = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        pdf = await client.get(link, headers=header)
        assert pdf.headers["content-type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
        url = qr_of(pdf.content)
        assert url.startswith(site.url + "/verify/")
        path = url.removeprefix(site.url)

        # anybody can see whether this very document is genuine
        await ananya.goto(path)
        await expect(ananya.get_by_text("Dr Meera Rao").first).to_be_visible()
        from_page = {"accept": "application/json", "host": f"localhost:{site.port}", "origin": site.url}
        same = await client.post(path, files={"document": ("p.pdf", pdf.content)}, headers=from_page)
        changed = bytearray(pdf.content)
        changed[len(changed) // 2] ^= 1
        other = await client.post(path, files={"document": ("p.pdf", bytes(changed))}, headers=from_page)
    assert same.json()["matches"] is True
    assert other.json()["matches"] is False

    # the log of the consultation
    log = [
        (row["who"], row["event"]) for row in await world.sql("asha", "SELECT who, event FROM call_log ORDER BY at, id")
    ]
    assert {("doctor", "admitted"), ("doctor", "joined"), ("patient", "joined"), ("patient", "left")} <= set(log)


def qr_of(pdf: bytes) -> str:
    """What a phone's camera would read from the printed page, held at one distance or another."""
    page, text = pypdfium2.PdfDocument(pdf)[0], ""
    for scale in (3, 4, 2.5, 5):
        text = text or cv2.QRCodeDetector().detectAndDecode(page.render(scale=scale, grayscale=True).to_numpy())[0]
    assert text, "the QR code cannot be read"
    return text
