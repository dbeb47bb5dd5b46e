"""A doctor's day, across the clinics where she practises."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from svastha.domain import accounts, appointments, queue
from svastha.domain.appointments import Appointment
from svastha.domain.queue import Board
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.desk.queue import LATE
from svastha.doors.web.diary import day_of
from svastha.doors.web.render import page
from svastha.kit import clock
from svastha.kit.refusals import NotFound


@get("/doctor", needs="queue.read")
async def today(request: Asked, day: FromQuery[str] = "") -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    if "doctor" not in actor.roles:
        raise NotFound
    async with house.routing.reading_control() as control:
        slugs = await accounts.workplaces(control, actor, "doctor")
        desks = await accounts.workplaces(control, actor, "receptionist", "clinic_admin")
    places = {slug: (await house.routing.find(slug))[0] for slug in slugs}
    chosen = day_of(day, clock.zone(next(iter(places.values())).zone) if places else clock.zone(actor.zone))
    visits: list[Appointment] = []
    boards: dict[str, Board] = {}
    asked: dict[str, int] = {}
    for slug, place in places.items():
        since, until = chosen.bounds(clock.zone(place.zone))
        async with visit.to_clinic(house, slug) as tx:
            visits += await appointments.day_of_doctor(tx, actor, from_at=since, to_at=until)
            if chosen.today:
                asked[slug] = len(await appointments.requests(tx, actor))
                for board in await queue.board(tx, actor, doctor_id=actor.account_id, trace=False):
                    boards[slug] = board
    visits.sort(key=lambda one: (one.starts_at, one.id))
    return await page(
        request,
        "doctor/today.html",
        day=chosen,
        day_words=chosen.words(language_of(request)),
        visits=visits,
        places=places,
        next=next_of(visits) if chosen.today else None,
        boards=boards,
        numbers={line.appointment_id: line.number for board in boards.values() for line in board.items},
        asked=asked,
        late=LATE,
        me=actor.account_id,
        waiting=[one for one in visits if one.status == "checked_in"],
        desk=bool(desks),
    )


def next_of(visits: list[Appointment]) -> Appointment | None:
    """Who is with her, else who waits longest, else who comes next."""
    for status in ("in_progress", "checked_in", "confirmed"):
        for one in visits:
            if one.status == status and (status != "confirmed" or one.ends_at > clock.now()):
                return one
    return None


routes: list[HTTPRouteHandler] = [today]
