"""Who waits for a time at the clinic, in order."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from svastha.domain import waiting_list
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.ids import meant
from svastha.doors.web.render import page
from svastha.doors.web.waited import words_of

AT_ONCE = 100


@get("/c/{clinic:str}/waiting-list", needs="waitlist.run")
async def everybody(
    request: Asked, clinic: FromPath[str], doctor: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        found = await waiting_list.everybody(tx, actor, doctor_id=meant(doctor), after=meant(after), limit=AT_ONCE + 1)
        place, choices = tx.clinic, await waiting_list.choices(tx)
    return await page(
        request,
        "desk/waiting_list.html",
        workplace=place,
        waiting=found[:AT_ONCE],
        more=found[AT_ONCE - 1].id if len(found) > AT_ONCE else None,
        doctor=doctor,
        doctors=[(str(one.doctor_id), one.name) for one in choices.doctors],
        **await words_of(request),
    )


routes: list[HTTPRouteHandler] = [everybody]
