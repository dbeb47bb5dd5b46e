"""What was sent, on every channel, for whoever develops. Absent in production."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from svastha.adapters import mailbox
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.dev_codes import current_codes
from svastha.doors.web.render import page

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


class Sent(msgspec.Struct, frozen=True):
    items: list[mailbox.Message]


@get("/dev/mailbox", include_in_schema=False, needs="public")
async def mailbox_page(request: Asked, to: FromQuery[str] = "") -> Response[Any]:
    settings = visit.house_of(request).settings
    sites = (settings.url, f"{request.url.scheme}://{request.url.netloc}")
    return await page(
        request,
        "public/mailbox.html",
        to=to,
        codes=await current_codes(visit.house_of(request), to.strip()),
        messages=mailbox.read(settings.mailbox_dir, to=to.strip() or None, limit=100),
        linked=lambda text: linked(text, sites),
    )


@get("/dev/mailbox.json", include_in_schema=False, needs="public")
async def mailbox_json(request: Asked, to: FromQuery[str] = "") -> Sent:
    """What was sent, newest first, after the codes that authenticator apps show at this moment."""
    house = visit.house_of(request)
    codes = await current_codes(house, to.strip())
    return Sent(codes + mailbox.read(house.settings.mailbox_dir, to=to.strip() or None, limit=100))


def linked(text: str, sites: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and of each whether it is an address of ours. Others stay words."""
    end = 0
    for found in _LINK.finditer(text):
        if any(found[0] == site or found[0].startswith(f"{site}/") for site in sites):
            yield text[end : found.start()], False
            yield found[0], True
            end = found.end()
    yield text[end:], False


routes = [mailbox_page, mailbox_json]
