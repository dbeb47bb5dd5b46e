"""The whole house, for whoever runs it: its clinics, its doctors, and what is stuck."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import clinics, doctors
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit import outbox
from svastha.kit.i18n import N_
from svastha.kit.refusals import Busy

VERIFIED = say("verified", N_("The doctor is verified and can be found from now on."))


@get("/platform")
async def overview(request: Asked) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with house.routing.reading_control() as control:
        known = await doctors.every(control, actor)
        places = await clinics.every(control)
        stuck: dict[str | None, int | None] = {None: await outbox.set_aside(control)}
    for place in places:
        try:
            async with visit.to_clinic(house, place.slug) as tx:
                stuck[place.slug] = await outbox.set_aside(tx)
        except Busy:
            stuck[place.slug] = None
    return await page(request, "platform/overview.html", doctors=known, places=places, stuck=stuck)


@post("/platform/doctors/{doctor_id:uuid}/verify")
async def verify(request: Asked, doctor_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await doctors.verify(tx, actor, doctor_id)
    return go(request, "/platform", flash=VERIFIED)


routes: list[HTTPRouteHandler] = [overview, verify]
