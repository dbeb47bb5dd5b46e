"""The desk of a clinic: everybody's visits of one day."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from svastha.domain import accounts, appointments
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.diary import day_of
from svastha.doors.web.render import page
from svastha.kit import clock
from svastha.kit.refusals import NotFound


@get("/desk", needs="desk.read")
async def desk(
    request: Asked, day: FromQuery[str] = "", clinic: FromQuery[str] = "", doctor: FromQuery[str] = ""
) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with house.routing.reading_control() as control:
        slugs = await accounts.workplaces(control, actor, "receptionist", "clinic_admin")
    if not slugs or (clinic and clinic not in slugs):
        raise NotFound
    places = {slug: (await house.routing.find(slug))[0] for slug in slugs}
    place = places[clinic or slugs[0]]
    where = clock.zone(place.zone)
    chosen = day_of(day, where)
    since, until = chosen.bounds(where)
    async with visit.to_clinic(house, place.slug) as tx:
        visits = await appointments.day_of_clinic(tx, actor, from_at=since, to_at=until)
    doctors = sorted({(one.doctor_name, str(one.doctor_id)) for one in visits})
    shown = [one for one in visits if doctor in ("", str(one.doctor_id))]
    return await page(
        request,
        "desk/day.html",
        clinic=place,
        places=list(places.values()),
        day=chosen,
        day_words=chosen.words(language_of(request)),
        visits=shown,
        doctors=[(id, name) for name, id in doctors],
        doctor=doctor,
        coming=sum(one.status == "confirmed" for one in shown),
        waiting=sum(one.status == "checked_in" for one in shown),
        admin=actor.is_a("clinic_admin", place.id),
    )


routes: list[HTTPRouteHandler] = [desk]
