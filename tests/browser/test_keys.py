"""Whoever works by keyboard stays where she is, also when the page draws itself anew."""

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.cast import World
from tests.morning import in_the_morning
from tests.queue.test_queue import booked, call, join


async def test_a_board_that_is_drawn_anew_keeps_the_place_of_the_keyboard(world: World, open_page: Open) -> None:
    farida = await (await in_the_morning(world)).api("farida")
    for at in (1, 2, 3):
        await join(farida, await booked(world, at=at))
    page = await open_page("farida")
    await page.goto("/c/asha/queue")
    next_one = page.get_by_role("button", name="Call the next one")
    await next_one.focus()
    await call(farida)  # by somebody else
    await expect(page.get_by_role("button", name="Call again")).to_have_count(1)
    await expect(next_one).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Call again")).to_have_count(2)
    await expect(next_one).to_be_focused()
