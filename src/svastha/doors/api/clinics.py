from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from svastha.domain import clinics
from svastha.domain.clinics import ClinicCard
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.api.replies import ETAG, LINK, documented, public
from svastha.doors.visit import Asked
from svastha.kit.pages import Cursors


class Clinics(msgspec.Struct, frozen=True):
    """``next_cursor`` is null on the last page."""

    items: list[ClinicCard]
    next_cursor: str | None


@get(
    "/clinics",
    responses={**documented(Clinics, "Those that are open, by name."), **answers(422)},
    response_headers=[ETAG, LINK],
    tags=["Directory"],
    security=[],
    needs="public",
)
async def every(
    request: Asked,
    cursor: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> Response[bytes]:
    house = visit.house_of(request)
    cursors = Cursors(clinics.Place, secret=house.settings.secret, purpose="clinics")
    async with house.routing.reading_control() as tx:
        found = await clinics.every(tx, after=cursors.place(cursor), limit=limit + 1)
    shown, following = cursors.page(found, limit, lambda clinic: clinics.Place(clinic.name, clinic.slug))
    return public(request, Clinics(shown, following), cursor=following)


@get("/clinics/{clinic:str}", responses=answers(404), tags=["Directory"], security=[], needs="public")
async def one(request: Asked, clinic: FromPath[str]) -> ClinicCard:
    async with visit.house_of(request).routing.reading_control() as tx:
        return await clinics.by_slug(tx, clinic)


routes = [every, one]
