"""How a clinic stands, for whoever runs it: who practises when, who works there, what was sent, what is stuck."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import accounts, appointments, notifications, schedule
from svastha.domain.notifications import Told
from svastha.domain.schedule import Hours
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.kit import outbox
from svastha.kit.i18n import N_
from svastha.kit.refusals import NotFound

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
ROLES = {
    "doctor": N_("Doctor"),
    "receptionist": N_("Reception"),
    "clinic_admin": N_("Runs the clinic"),
}
TEMPLATES = {
    "confirm_email": N_("Code for an address"),
    "already_registered": N_("Hint about an account"),
    "visit_confirmed": N_("Visit confirmed"),
    "visit_cancelled": N_("Visit cancelled"),
    "visit_reminder": N_("Reminder"),
    "prescription_ready": N_("Document ready"),
}


@get("/c/{clinic:str}/admin", needs="clinic.run")
async def clinic_page(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    place, _ = await house.routing.find(clinic)
    if not actor.is_a("clinic_admin", place.id):
        raise NotFound
    async with visit.to_clinic(house, clinic) as tx:
        practitioners = [
            {
                "name": one.name,
                "zone": one.zone,
                "bookable": one.bookable,
                "offers": await schedule.offers_of(tx, one.doctor_id),
                "week": by_weekday(await schedule.weekly_hours(tx, one.doctor_id)),
            }
            for one in await schedule.practitioners(tx)
        ]
        told: list[Told] = await notifications.latest(tx, actor, most=40)
        stuck = await outbox.set_aside(tx)
        stranded = await appointments.stranded(tx, actor)
    async with house.routing.reading_control() as control:
        staff = await accounts.staff_of(control, actor, place.id)
    return await page(
        request,
        "admin/clinic.html",
        clinic=place,
        practitioners=practitioners,
        staff=staff,
        told=told,
        stuck=stuck,
        stranded=stranded,
        weekdays=WEEKDAYS,
        roles=ROLES,
        templates=TEMPLATES,
    )


def by_weekday(hours: list[Hours]) -> list[list[Hours]]:
    """Monday first."""
    return [[one for one in hours if one.weekday == day] for day in range(1, 8)]


routes: list[HTTPRouteHandler] = [clinic_page]
