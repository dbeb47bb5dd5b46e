"""Calendar subscriptions, as programs read them: the secret in the address is all they have."""

import hashlib
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from svastha.domain import calendars
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.kit.refusals import NotFound

LONGEST = 100
KEEP = "private, max-age=300"


@get("/feeds/{name:str}", include_in_schema=False, needs="public")
async def feed(request: Asked, name: FromPath[str]) -> Response[Any]:
    """``name`` is the secret and ``.ics``. What its maker may see is asked again; 304 where nothing has changed."""
    secret, dot, rest = name.partition(".")
    if rest != "ics" or not dot or len(secret) > LONGEST or not secret.isascii():
        raise NotFound
    house = visit.house_of(request)
    async with visit.to_control(house) as control:
        found = await calendars.followed(control, secret)
    visits: list[calendars.Entry] = []
    for clinic in found.clinics:
        async with visit.to_clinic(house, clinic) as tx:
            visits += await calendars.entries(tx, found)
    text = calendars.written(found, visits, site=house.settings.url).encode()
    etag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": KEEP, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    if etag in (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")):
        return Response(None, status_code=304, headers=headers)
    return Response(text, media_type="text/calendar", headers=headers)


routes = [feed]
