"""The whole house, for whoever runs it: its clinics, the doctors who wait, and what is stuck."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from svastha.domain import clinics, doctors
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.platform.desk import STATES
from svastha.doors.web.render import page
from svastha.kit import outbox
from svastha.kit.refusals import Busy


@get("/platform", needs="platform.read")
async def overview(request: Asked) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with house.routing.reading_control() as control:
        counts = await doctors.counted(control, actor) if actor.may("doctor.verify") else None
        places = await clinics.every(control)
        stuck: dict[str | None, int | None] = {None: await outbox.set_aside(control)}
    for place in places:
        try:
            async with visit.to_clinic(house, place.slug) as tx:
                stuck[place.slug] = await outbox.set_aside(tx)
        except Busy:
            stuck[place.slug] = None
    return await page(request, "platform/overview.html", counts=counts, states=STATES, places=places, stuck=stuck)


routes: list[HTTPRouteHandler] = [overview]
