"""The desk of a clinic: the day of all its doctors, side by side."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from svastha.domain import accounts, appointments, queue, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.queue import Turn
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.diary import Day, day_of
from svastha.doors.web.render import page
from svastha.kit import clock
from svastha.kit.db import ClinicRef, ClinicTx
from svastha.kit.refusals import NotFound


class Column(msgspec.Struct, frozen=True):
    """A doctor's day. ``turns``: what the queue knows of a visit, by its id."""

    doctor_id: UUID
    doctor_name: str
    visits: list[Appointment]
    turns: dict[UUID, Turn]


@get("/desk", needs="desk.read")
async def desk(
    request: Asked,
    day: FromQuery[str] = "",
    clinic: FromQuery[str] = "",
    doctor: FromQuery[str] = "",
    given: FromQuery[str] = "",
) -> Response[Any]:
    """``given``: the visit of somebody who has just got a number."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with house.routing.reading_control() as control:
        slugs = await accounts.workplaces(control, actor, "receptionist", "clinic_admin")
    if not slugs or (clinic and clinic not in slugs):
        raise NotFound
    places = {slug: (await house.routing.find(slug))[0] for slug in slugs}
    place = places[clinic or slugs[0]]
    chosen = day_of(day, clock.zone(place.zone))
    async with visit.to_clinic(house, place.slug) as tx:
        columns = await columns_of(tx, actor, place, chosen)
        doctors = [(str(one.doctor_id), one.name) for one in await schedule.practitioners(tx)]
    shown = [one for one in columns if doctor in ("", str(one.doctor_id))]
    visits = [one for column in shown for one in column.visits]
    return await page(
        request,
        "desk/day.html",
        workplace=place,
        places=list(places.values()),
        day=chosen,
        day_words=chosen.words(language_of(request)),
        columns=shown,
        visits=visits,
        doctors=doctors,
        doctor=doctor,
        asked=sum(one.status == "requested" for one in visits),
        coming=sum(one.status == "confirmed" for one in visits),
        waiting=sum(one.status == "checked_in" for one in visits),
        given=next((turn for column in columns[:1] for one, turn in column.turns.items() if str(one) == given), None),
        key=str(uuid4()),
    )


async def columns_of(tx: ClinicTx, actor: Actor, place: ClinicRef, day: Day) -> list[Column]:
    """Of every doctor who has somebody on this day, by name."""
    since, until = day.bounds(clock.zone(place.zone))
    visits = await appointments.day_of_clinic(tx, actor, from_at=since, to_at=until)
    turns = {turn.appointment_id: turn for turn in await queue.turns_of(tx, actor, day.date)}
    found: dict[UUID, Column] = {}
    for one in sorted(visits, key=lambda one: (one.doctor_name, one.doctor_id, one.starts_at, one.id)):
        found.setdefault(one.doctor_id, Column(one.doctor_id, one.doctor_name, [], turns)).visits.append(one)
    return list(found.values())


@get("/c/{clinic:str}/visits/{visit_id:uuid}/targets", needs="desk.read")
async def targets(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], day: FromQuery[str] = ""
) -> Response[Any]:
    """Where a visit could be moved on a day, with any doctor: what the script of the desk puts between the visits."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    place = await visit.clinic_of(request, clinic)
    chosen = day_of(day, clock.zone(place.zone))
    since, until = chosen.bounds(clock.zone(place.zone))
    async with visit.to_clinic(house, clinic) as tx:
        moving = (await appointments.seen_by(tx, actor, visit_id)).appointment
        doctors = {one.doctor_id: one.name for one in await schedule.practitioners(tx) if one.bookable}
        free = await schedule.free_times(
            tx,
            list(doctors),
            from_at=max(since, clock.now()),
            to_at=until,
            mode=moving.mode,
            patient=moving.patient_id,
            but=moving.id,
        )
    times = [one for one in free if (one.doctor_id, one.starts_at) != (moving.doctor_id, moving.starts_at)]
    return await page(
        request, "desk/targets.html", workplace=place, visit=moving, times=times, doctors=doctors, day=chosen
    )


routes: list[HTTPRouteHandler] = [desk, targets]
