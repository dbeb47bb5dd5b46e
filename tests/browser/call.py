"""What the tests of a call ask of a page."""

import asyncio

from playwright.async_api import Page


async def until(page: Page, expression: str, *, seconds: float = 40) -> None:
    """Playwright's own waiting evaluates text inside the page, which our policy forbids; asking again does not."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await page.evaluate(expression):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"never: {expression}; {await page.evaluate('call.events.slice(-12)')}")
        await asyncio.sleep(0.05)


async def sees_video(page: Page) -> None:
    """Connected, and frames of the other side are really being shown: more now than a moment ago."""
    await until(page, "call.pc?.connectionState === 'connected' && call.rx > 5")
    seen = await page.evaluate("call.rx")
    await until(page, f"call.rx > {seen} + 5")
