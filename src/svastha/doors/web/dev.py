"""What was sent, on every channel, for whoever develops. Absent in production."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from svastha.adapters import mailbox
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import page


class Sent(msgspec.Struct, frozen=True):
    items: list[mailbox.Message]


@get("/dev/mailbox", include_in_schema=False)
async def mailbox_page(request: Asked, to: FromQuery[str] = "") -> Response[Any]:
    folder = visit.house_of(request).settings.mailbox_dir
    return await page(request, "public/mailbox.html", to=to, messages=mailbox.read(folder, to=to or None, limit=100))


@get("/dev/mailbox.json", include_in_schema=False)
async def mailbox_json(request: Asked, to: FromQuery[str] = "") -> Sent:
    return Sent(mailbox.read(visit.house_of(request).settings.mailbox_dir, to=to or None, limit=100))


routes = [mailbox_page, mailbox_json]
