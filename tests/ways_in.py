"""What tests of signing in share: callers from other places, browsers that keep their cookies, codes from messages."""

import re
from typing import Any

import httpx

from svastha.main import create_site
from tests.cast import World

CODE = re.compile(r"\b\d{6}\b")
LINK = re.compile(r"https?://[^/\s]+(/\S+)")


async def caller_at(world: World, address: str) -> httpx.AsyncClient:
    """A program that calls from this address."""
    client = await world.api()
    client._transport = _from(world, address)
    return client


async def browser_at(world: World, address: str) -> httpx.AsyncClient:
    """A browser that calls from this address; by https, or it would not send its cookies back."""
    client = await world.web()
    client._transport = _from(world, address)
    client.base_url = httpx.URL("https://svastha.localhost")
    return client


def _from(world: World, address: str) -> Any:
    site: Any = create_site(world.app)  # type: ignore[arg-type]
    return httpx.ASGITransport(app=site, raise_app_exceptions=False, client=(address, 1))


async def newest_code(world: World, to: str) -> str:
    await world.settle()
    found = CODE.search(world.mail(to)[0].text)
    assert found, world.mail(to)[0].text
    return found.group()


async def newest_link(world: World, to: str) -> str:
    """Its path."""
    await world.settle()
    found = LINK.search(world.mail(to)[0].text)
    assert found, world.mail(to)[0].text
    return found.group(1)
