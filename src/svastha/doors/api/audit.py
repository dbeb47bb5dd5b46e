from typing import Annotated, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from svastha.doors.api.problems import LINK, a_file, answers, documented
from svastha.doors.audit_file import Kind, as_file
from svastha.doors.audit_search import Asking, Found, Looks, found, looks, platforms_own
from svastha.doors.visit import Asked

Since = Annotated[str, QueryParameter(name="from", description="RFC 3339, or a day.")]
Until = Annotated[str, QueryParameter(name="to", description="The same, to the end of a day.")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200)]
P = TypeVar("P", Found, Looks)


@get(
    "/me/record/seen",
    needs="self",
    responses={**documented(Looks, "A page of looks."), **answers(401, 404, 422)},
    response_headers=[LINK],
    tags=["Audit"],
)
async def record_seen(
    request: Asked, patient_id: FromQuery[UUID | None] = None, cursor: FromQuery[str] = "", limit: Limit = 50
) -> Response[Looks]:
    """Who looked at my record, or with `patient_id` at that of somebody I act for, at every clinic, latest first."""
    page = await looks(request, patient_id=patient_id, cursor=cursor, limit=limit)
    return _linked(request, page)


@get(
    "/clinics/{clinic:str}/audit",
    needs="audit.read",
    responses={**documented(Found, "A page of entries."), **answers(401, 403, 404, 422)},
    response_headers=[LINK],
    tags=["Audit"],
)
async def of_clinic(
    request: Asked,
    clinic: FromPath[str],
    person: FromQuery[str] = "",
    patient: FromQuery[str] = "",
    action: FromQuery[str] = "",
    since: Since = "",
    until: Until = "",
    cursor: FromQuery[str] = "",
    limit: Limit = 50,
) -> Response[Found]:
    """What was done at this clinic, latest first. Looking here is itself noted."""
    asking = Asking(person, patient, action, since, until, cursor, limit)
    return _linked(request, await found(request, clinic, asking))


@get(
    "/clinics/{clinic:str}/audit/export",
    needs="audit.export",
    fresh=True,
    responses=a_file("JSON Lines, or CSV.") | answers(422),
    tags=["Audit"],
)
async def export_of_clinic(
    request: Asked,
    clinic: FromPath[str],
    person: FromQuery[str] = "",
    patient: FromQuery[str] = "",
    action: FromQuery[str] = "",
    since: Since = "",
    until: Until = "",
    format: FromQuery[Kind] = "jsonl",
) -> Stream:
    """The same as a file, all of it. `sealed`: everything, with the seals, for `svastha audit verify --export`."""
    return await as_file(request, clinic, Asking(person, patient, action, since, until), format)


@get(
    "/platform/audit",
    needs="platform.audit",
    responses={**documented(Found, "A page of entries."), **answers(401, 403, 404, 422)},
    response_headers=[LINK],
    tags=["Audit"],
)
async def of_platform(
    request: Asked,
    person: FromQuery[str] = "",
    patient: FromQuery[str] = "",
    action: FromQuery[str] = "",
    since: Since = "",
    until: Until = "",
    cursor: FromQuery[str] = "",
    limit: Limit = 50,
) -> Response[Found]:
    """What was done on the platform itself: sign-ins, grants, doctors, keys, refusals."""
    await platforms_own(request)
    return _linked(request, await found(request, None, Asking(person, patient, action, since, until, cursor, limit)))


@get(
    "/platform/audit/export",
    needs="platform.audit",
    fresh=True,
    responses=a_file("JSON Lines, or CSV.") | answers(422),
    tags=["Audit"],
)
async def export_of_platform(
    request: Asked,
    person: FromQuery[str] = "",
    patient: FromQuery[str] = "",
    action: FromQuery[str] = "",
    since: Since = "",
    until: Until = "",
    format: FromQuery[Kind] = "jsonl",
) -> Stream:
    """The same as a file, all of it. `sealed`: everything, with the seals, for `svastha audit verify --export`."""
    await platforms_own(request)
    return await as_file(request, None, Asking(person, patient, action, since, until), format)


def _linked(request: Asked, page: P) -> Response[P]:
    following: str | None = page.next_cursor
    if following is None:
        return Response(page)
    asked: list[tuple[str, str]] = [
        (name, value) for name, value in request.query_params.multi_items() if name != "cursor"
    ]
    link = f"{request.url.path}?{urlencode([*asked, ('cursor', following)])}"
    return Response(page, headers={"Link": f'<{link}>; rel="next"'})


routes = [record_seen, of_clinic, export_of_clinic, of_platform, export_of_platform]
