from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from svastha.doors.api.problems import answers
from svastha.doors.api.replies import LINK, a_file, documented, next_page
from svastha.doors.audit_file import Kind, as_file
from svastha.doors.audit_search import FILTERS, Asking, Found, Looks, found, looks
from svastha.doors.visit import Asked

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200)]


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
    return Response(page, headers=next_page(request, page.next_cursor))


@get(
    "/clinics/{clinic:str}/audit",
    needs="audit.read",
    dependencies=FILTERS,
    responses={**documented(Found, "A page of entries."), **answers(401, 403, 404, 422)},
    response_headers=[LINK],
    tags=["Audit"],
)
async def of_clinic(
    request: Asked,
    clinic: FromPath[str],
    asking: NamedDependency[Asking],
    cursor: FromQuery[str] = "",
    limit: Limit = 50,
) -> Response[Found]:
    """What was done at this clinic, latest first. Looking here is itself noted."""
    page = await found(request, clinic, msgspec.structs.replace(asking, cursor=cursor, limit=limit))
    return Response(page, headers=next_page(request, page.next_cursor))


@get(
    "/clinics/{clinic:str}/audit/export",
    needs="audit.export",
    dependencies=FILTERS,
    fresh=True,
    responses=a_file("JSON Lines, or CSV.") | answers(422),
    tags=["Audit"],
)
async def export_of_clinic(
    request: Asked,
    clinic: FromPath[str],
    asking: NamedDependency[Asking],
    format: FromQuery[Kind] = "jsonl",
) -> Stream:
    """The same as a file, all of it. `sealed`: everything, with the seals, for `svastha audit verify --export`."""
    return await as_file(request, clinic, asking, format)


@get(
    "/platform/audit",
    needs="platform.audit",
    dependencies=FILTERS,
    responses={**documented(Found, "A page of entries."), **answers(401, 403, 404, 422)},
    response_headers=[LINK],
    tags=["Audit"],
)
async def of_platform(
    request: Asked,
    asking: NamedDependency[Asking],
    cursor: FromQuery[str] = "",
    limit: Limit = 50,
) -> Response[Found]:
    """What was done on the platform itself: sign-ins, grants, doctors, keys, refusals."""
    page = await found(request, None, msgspec.structs.replace(asking, cursor=cursor, limit=limit))
    return Response(page, headers=next_page(request, page.next_cursor))


@get(
    "/platform/audit/export",
    needs="platform.audit",
    dependencies=FILTERS,
    fresh=True,
    responses=a_file("JSON Lines, or CSV.") | answers(422),
    tags=["Audit"],
)
async def export_of_platform(
    request: Asked,
    asking: NamedDependency[Asking],
    format: FromQuery[Kind] = "jsonl",
) -> Stream:
    """The same as a file, all of it. `sealed`: everything, with the seals, for `svastha audit verify --export`."""
    return await as_file(request, None, asking, format)


routes = [record_seen, of_clinic, export_of_clinic, of_platform, export_of_platform]
