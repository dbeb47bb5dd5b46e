"""A link of a mail in a real browser: with no script and from a page that does not say where it comes from."""

import asyncio
import re

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.cast import World


async def test_a_link_of_a_mail_is_opened_and_its_button_pressed(open_page: Open, world: World) -> None:
    await world.booked("ananya")
    async with asyncio.timeout(60):
        while not world.mail("ananya"):  # the worker of the site may have it in hand
            await world.settle()
            await asyncio.sleep(0.05)
    come, late, move, cancel = re.findall(r"/m/[\w-]{27}", world.mail("ananya")[0].text)
    page = await open_page(width=360, height=740, script=False)
    await page.goto(come)
    await page.get_by_role("button", name="I will come").click()
    await expect(page.get_by_text("The clinic knows that you will come")).to_be_visible()
    await page.goto(late)
    await page.get_by_text("20 min").click()
    await page.get_by_role("button", name="Tell the clinic").click()
    await expect(page.get_by_text("about 20 minutes late")).to_be_visible()
    await page.goto(move)
    assert await page.evaluate("document.documentElement.scrollWidth <= 360")
    await page.locator(".slots label").nth(2).click()
    await page.get_by_role("button", name="Move my visit").click()
    await expect(page.get_by_role("heading", name="This visit has another time now")).to_be_visible()
    await page.goto(cancel)
    await expect(page.get_by_role("button", name="Cancel this visit")).to_have_count(0)
