"""Who is it? A patient by her name, the end of her telephone number, or her number in a queue of today."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from svastha.domain import appointments, patients, queue, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.patients import AtDesk
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.doors.web.shown import years
from svastha.kit import clock
from svastha.kit.db import ClinicTx

A_NUMBER = 3  # digits: in a queue; more are the end of a telephone number


class Found(msgspec.Struct, frozen=True):
    """``today`` and ``next``: her visits of this day, and the first one after it."""

    person: AtDesk
    age: int | None
    today: list[Appointment]
    next: Appointment | None


class Results(msgspec.Struct, frozen=True):
    """``numbers``: in the queues of today, by visit."""

    items: list[Found]
    numbers: dict[UUID, int]


@get("/c/{clinic:str}/find", needs="desk.read")
async def find(request: Asked, clinic: FromPath[str], q: FromQuery[str] = "") -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        found = await results(tx, actor, " ".join(q.split())[:120])
        doctors = [(str(one.doctor_id), one.name) for one in await schedule.practitioners(tx) if one.bookable]
        place = tx.clinic
    return await page(request, "desk/find.html", workplace=place, q=q[:120], found=found, doctors=doctors)


async def results(tx: ClinicTx, actor: Actor, words: str) -> Results:
    turns = [turn for turn in await queue.turns_of(tx, actor) if turn.number]
    if words.isascii() and words.isdecimal() and len(words) <= A_NUMBER:
        people = await patients.at_desk(tx, actor, [turn.patient_id for turn in turns if turn.number == int(words)])
    else:
        people = await patients.find_at_desk(tx, actor, words)
    return Results(await known(tx, actor, people), {turn.appointment_id: turn.number for turn in turns if turn.number})


async def known(tx: ClinicTx, actor: Actor, people: list[AtDesk]) -> list[Found]:
    """With what the desk needs to know to go on with each."""
    if not people:
        return []
    where = clock.zone(tx.clinic.zone)
    today = clock.today(where)
    midnight = datetime.combine(today, time(), where)
    visits = await appointments.of_patients(tx, actor, [one.id for one in people], from_at=midnight)
    return [_found(one, [v for v in visits if v.patient_id == one.id], today, where) for one in people]


def _found(person: AtDesk, visits: list[Appointment], today: date, where: Any) -> Found:
    hers = [one for one in visits if one.starts_at.astimezone(where).date() == today]
    return Found(
        person,
        years(person.birth_date, today) if person.birth_date else None,
        hers,
        next((one for one in visits if one not in hers and one.status in ("requested", "confirmed")), None),
    )


routes: list[HTTPRouteHandler] = [find]
