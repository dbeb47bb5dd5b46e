"""Everything whoever works here may open, on one page."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from svastha.domain import accounts
from svastha.domain.accounts import ROLES
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.places import at_clinic, on_platform
from svastha.doors.web.render import go, page


@get("/work", needs="self")
async def work(request: Asked) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    if not actor.roles:
        return go(request, "/security/enrol?next=/work" if actor.withheld else "/home")
    async with house.routing.reading_control() as control:
        slugs = await accounts.workplaces(control, actor, *ROLES)
    clinics = []
    for slug in slugs:
        place, _ = await house.routing.find(slug)
        held = [role for role in ROLES if actor.is_a(role, place.id)]
        clinics.append({"name": place.name, "roles": held, "places": at_clinic(actor, place)})
    return await page(
        request,
        "desk/work.html",
        clinics=clinics,
        platform={"roles": [role for role in ROLES if actor.is_a(role)], "places": on_platform(actor)},
        doctor="doctor" in actor.roles,
        roles=ROLES,
    )


routes: list[HTTPRouteHandler] = [work]
