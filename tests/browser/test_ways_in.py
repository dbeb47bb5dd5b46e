"""The pages one signs in with: by keyboard alone, on a phone, in the dark, in Hindi, and with codes that are pasted."""

import re

from playwright.async_api import expect

from svastha.doors import visit
from tests.browser.conftest import Open
from tests.browser.test_pages import the_code
from tests.cast import PASSWORD, World, email


async def test_a_code_is_asked_for_and_pasted_by_keyboard_alone(world: World, open_page: Open) -> None:
    page = await open_page(width=360, height=740)
    await page.goto("/sign-in")
    await page.get_by_label("E-mail or mobile number").fill(email("ananya"))
    await page.get_by_role("button", name="Send me a code").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/sign-in/code$"))
    code = await the_code(world, email("ananya"))
    field = page.get_by_label("Code from the message")
    assert await field.get_attribute("autocomplete") == "one-time-code"
    assert await field.get_attribute("inputmode") == "numeric"
    await field.focus()
    await page.keyboard.insert_text(f" {code[:3]}-{code[3:]} ")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/home$"))


async def test_what_matters_asks_once_more_and_goes_on(world: World, open_page: Open) -> None:
    page = await open_page("ananya")
    async with visit.to_control(world.house) as tx:
        await tx.run("UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    await page.goto("/security/password")
    if "/step-up" in page.url:  # the server may still know her from a moment ago
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Go on").click()
    await page.wait_for_url(re.compile("/security/password$"))
    await page.get_by_label("New password").fill("three quiet rivers")
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_text("Your password is changed.")).to_be_visible()
