"""What was done, for whoever runs a clinic or audits it, and for those who do so for the platform."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from svastha.domain.accounts import ROLES
from svastha.doors import visit
from svastha.doors.audit_file import Kind, as_file
from svastha.doors.audit_search import FILTERS, Asking, Found, found
from svastha.doors.visit import Asked
from svastha.doors.web.audit_words import ACTIONS, KINDS, WITH_ROLE
from svastha.doors.web.render import page
from svastha.kit.refusals import FieldError, Invalid


@get("/c/{clinic:str}/audit", needs="audit.read", dependencies=FILTERS)
async def of_clinic(
    request: Asked,
    clinic: FromPath[str],
    asking: NamedDependency[Asking],
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    return await _page(request, clinic, msgspec.structs.replace(asking, cursor=cursor))


@get("/platform/audit", needs="platform.audit", dependencies=FILTERS)
async def of_platform(
    request: Asked,
    asking: NamedDependency[Asking],
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    return await _page(request, None, msgspec.structs.replace(asking, cursor=cursor))


@get("/c/{clinic:str}/audit/export", needs="audit.export", dependencies=FILTERS, fresh=True)
async def export_of_clinic(
    request: Asked,
    clinic: FromPath[str],
    asking: NamedDependency[Asking],
    format: FromQuery[Kind] = "csv",
) -> Response[Any]:
    return await as_file(request, clinic, asking, format)


@get("/platform/audit/export", needs="platform.audit", dependencies=FILTERS, fresh=True)
async def export_of_platform(
    request: Asked,
    asking: NamedDependency[Asking],
    format: FromQuery[Kind] = "csv",
) -> Response[Any]:
    return await as_file(request, None, asking, format)


async def _page(request: Asked, place: str | None, asking: Asking) -> Response[Any]:
    """What cannot be understood is shown again, with a sentence at its field."""
    house = visit.house_of(request)
    ref = (await house.routing.find(place))[0] if place else None
    errors: dict[str, FieldError] = {}
    try:
        shown = await found(request, place, asking)
    except Invalid as refusal:
        errors, shown = {error.field: error for error in refusal.errors}, Found([], None)
    asked = {
        "person": asking.person,
        "patient": asking.patient,
        "action": asking.action,
        "from": asking.since,
        "to": asking.until,
    }
    asked = {name: text for name, text in asked.items() if text}
    path = request.url.path
    return await page(
        request,
        "admin/audit.html",
        status=422 if errors else 200,
        clinic=ref,
        lines=shown.items,
        asking=asking,
        errors={name: error.message for name, error in errors.items()},
        actions={code: said for code, said in ACTIONS.items() if code not in WITH_ROLE},
        words=ACTIONS,
        kinds=KINDS,
        roles=ROLES | {"api_key": KINDS["api_key"]},
        next_url=f"{path}?{urlencode({**asked, 'cursor': shown.next_cursor})}" if shown.next_cursor else None,
        export={kind: f"{path}/export?{urlencode({**asked, 'format': kind})}" for kind in ("csv", "jsonl")}
        | {"sealed": f"{path}/export?format=sealed"},
    )


routes: list[HTTPRouteHandler] = [of_clinic, of_platform, export_of_clinic, export_of_platform]
