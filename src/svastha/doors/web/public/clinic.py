"""A clinic and its doctors; the front page of its sub-domain."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from svastha.domain import clinics, directory
from svastha.domain.directory import Query
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.public.find import AT_ONCE, named
from svastha.doors.web.render import page


@get("/c/{clinic:str}", needs="public")
async def front(request: Asked, clinic: FromPath[str], cursor: FromQuery[str] = "") -> Response[Any]:
    house = visit.house_of(request)
    async with visit.to_control(house) as tx:
        found = await clinics.by_slug(tx, clinic)
        query = Query(clinic=clinic, limit=AT_ONCE, cursor=cursor or None)
        doctors = await directory.search(tx, query, secret=house.settings.secret)
        languages = await directory.languages(tx)
    more = f"/c/{clinic}/?{urlencode({'cursor': doctors.next_cursor})}" if doctors.next_cursor else None
    return await page(
        request,
        "public/clinic.html",
        clinic=found,
        doctors=doctors.items,
        more=more,
        languages=named(languages, language_of(request)),
    )


routes = [front]
