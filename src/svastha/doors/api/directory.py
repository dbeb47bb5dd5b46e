from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from svastha.domain import directory
from svastha.domain.directory import DoctorCard, Query, Specialty
from svastha.domain.schedule import Mode
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.api.replies import ETAG, LINK, documented, public
from svastha.doors.visit import Asked


class Specialties(msgspec.Struct, frozen=True):
    items: list[Specialty]


class Doctors(msgspec.Struct, frozen=True):
    """``next_cursor`` is null on the last page."""

    items: list[DoctorCard]
    next_cursor: str | None


@get(
    "/specialties",
    responses={**documented(Specialties, "In the order a chooser shows them."), **answers()},
    response_headers=[ETAG],
    tags=["Directory"],
    security=[],
    needs="public",
)
async def specialties(request: Asked) -> Response[bytes]:
    """The kinds of Ayurvedic practice, named in English and Hindi."""
    async with visit.house_of(request).routing.reading_control() as tx:
        return public(request, Specialties(await directory.specialties(tx)))


@get(
    "/doctors",
    responses={**documented(Doctors, "Only verified doctors of open clinics."), **answers(422)},
    response_headers=[ETAG, LINK],
    tags=["Directory"],
    security=[],
    needs="public",
)
async def search(
    request: Asked,
    q: Annotated[
        str, QueryParameter(max_length=200, description="Complaint, name, clinic, place. Forgives spelling.")
    ] = "",
    specialty: Annotated[str | None, QueryParameter(description="A `code` of `/specialties`.")] = None,
    language: Annotated[str | None, QueryParameter(description="ISO 639 code, such as `hi`.")] = None,
    mode: FromQuery[Mode | None] = None,
    max_fee: Annotated[int | None, QueryParameter(ge=0, le=10**12, description="Of a visit, in paise.")] = None,
    gender: FromQuery[Literal["female", "male", "other"] | None] = None,
    day: Annotated[
        date | None, QueryParameter(description="With a free time on this day, in the zone of the clinic.")
    ] = None,
    clinic: Annotated[str | None, QueryParameter(description="The slug of a clinic.")] = None,
    sort: FromQuery[Literal["soonest", "fee", "experience"]] = "soonest",
    cursor: Annotated[str | None, QueryParameter(description="`next_cursor` of the same search.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, description="Doctors on a page; more than 50 gives 50.")] = 20,
) -> Response[bytes]:
    """Find a doctor, across clinics. A doctor counts by the best of her visits that fits mode, fee, clinic and day."""
    query = Query(
        q=q,
        specialty=specialty or None,
        language=language or None,
        mode=mode,
        max_fee=max_fee,
        gender=gender,
        day=day,
        clinic=clinic or None,
        sort=sort,
        cursor=cursor or None,
        limit=limit,
    )
    house = visit.house_of(request)
    async with house.routing.reading_directory() as tx:
        found = await directory.found(tx, query, secret=house.settings.secret)
    answer = {"items": msgspec.Raw(found.cards.encode()), "next_cursor": found.next_cursor}
    return public(request, answer, cursor=found.next_cursor)


@get(
    "/doctors/{doctor_id:uuid}",
    responses={**documented(DoctorCard, "A verified doctor."), **answers(404)},
    response_headers=[ETAG],
    tags=["Directory"],
    security=[],
    needs="public",
)
async def doctor(request: Asked, doctor_id: FromPath[UUID]) -> Response[bytes]:
    """Everything anybody may know of a doctor: also where she practises, at what fee, and when she is free next."""
    async with visit.house_of(request).routing.reading_control() as tx:
        return public(request, await directory.doctor(tx, doctor_id))


routes = [specialties, search, doctor]
