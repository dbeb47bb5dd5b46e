"""When a doctor is away, and her calendar."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, field

from svastha.domain import appointments, schedule
from svastha.domain.appointments import Appointment
from svastha.domain.schedule import Affected, Different, Holiday, Leave, OpenPiece
from svastha.doors import visit, working_hours
from svastha.doors.api.appointments import REPLAYED, IdempotencyKey
from svastha.doors.api.availability import Note
from svastha.doors.api.problems import answers
from svastha.doors.instants import instant
from svastha.doors.visit import Asked
from svastha.doors.working_hours import Away
from svastha.kit.clock import now, today, zone
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

TAGS = ["Availability"]
View = Literal["day", "week", "list"]
FURTHEST, LONGEST = timedelta(days=731), timedelta(days=62)
DAYS = {"day": 1, "week": 7, "list": 31}
Moment = Annotated[str, Meta(max_length=40)]


class NewLeave(msgspec.Struct, frozen=True):
    """``from`` and ``to``: each an instant (RFC 3339), or a day in the doctor's zone, of which the whole counts."""

    from_at: Moment = field(name="from")
    to_at: Moment = field(name="to")
    note: Note = ""


class Leaves(msgspec.Struct, frozen=True):
    items: list[Leave]


class Calendar(msgspec.Struct, frozen=True):
    """``open``: when she is there, each kind of visit for itself; left out of a list."""

    doctor_id: UUID
    name: str
    zone: str
    view: View
    from_at: datetime = field(name="from")
    to_at: datetime = field(name="to")
    open: list[OpenPiece] = []
    exceptions: list[Different] = []
    leave: list[Leave] = []
    holidays: list[Holiday] = []
    visits: list[Appointment] = []


@get(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/leave",
    responses=answers(401, 403, 404),
    tags=TAGS,
    needs="schedule.read",
)
async def leaves(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Leaves:
    """Present and coming, in order."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Leaves(await schedule.leaves(tx, actor, doctor_id))


@post(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/leave",
    status_code=201,
    responses=answers(401, 403, 404, 409, 422),
    response_headers=REPLAYED,
    tags=TAGS,
    needs="schedule.except",
)
async def take_leave(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromPath[UUID],
    data: JSONBody[NewLeave],
    idempotency_key: IdempotencyKey = None,
) -> Response[Leave]:
    """Nothing is offered in it from now on. What is booked in it is not cancelled: its patients are asked what they
    would like instead."""
    return await working_hours.take_leave(request, clinic, doctor_id, _away(data))


@post(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/leave/preview",
    status_code=200,
    responses=answers(401, 403, 404, 409, 422),
    tags=TAGS,
    needs="schedule.except",
)
async def preview_leave(
    request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID], data: JSONBody[NewLeave]
) -> Affected:
    """What would no longer be offered, and who would be asked. Nothing is written, nobody is told."""
    return await working_hours.preview_leave(request, clinic, doctor_id, _away(data))


@delete(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/leave/{leave_id:uuid}",
    responses=answers(401, 403, 404, 409),
    tags=TAGS,
    needs="schedule.except",
)
async def end_leave(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID], leave_id: FromPath[UUID]) -> None:
    """Take it back, also when it has begun. Who has not answered yet keeps her visit."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await schedule.end_leave(tx, actor, doctor_id, leave_id)


@get(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/calendar",
    responses=answers(401, 403, 404, 422),
    tags=TAGS,
    needs="schedule.read",
)
async def calendar(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromPath[UUID],
    from_at: Annotated[
        str, QueryParameter(name="from", description="RFC 3339, or a day in the doctor's zone; today if left out.")
    ] = "",
    to_at: Annotated[
        str,
        QueryParameter(
            name="to", description="The same, to the end of a day, 62 days later at most; as the view if left out."
        ),
    ] = "",
    view: FromQuery[View] = "week",
) -> Calendar:
    """Her visits, and when she is there or away: a day, a week from Monday, or a list of 31 days."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        where = zone((await schedule.seen_by(tx, actor, doctor_id, "schedule.read")).zone)
        day = from_at or today(where).isoformat()
        start = instant("from", day, where)
        if not now() - FURTHEST < start < now() + FURTHEST:
            raise Invalid(FieldError("from", N_("This is too far away: within two years of today, please.")))
        if view == "week" and len(day) == 10:
            start = instant("from", day, where, days=1 - start.isoweekday())
        end = instant("to", to_at, where, days=1) if to_at else _later(start, DAYS[view])
        if not start < end <= start + LONGEST:
            raise Invalid(FieldError("to", N_("Must be after `from`, by 62 days at most.")))
        diary = await schedule.diary(tx, actor, doctor_id, from_at=start, to_at=end)
        if actor.account_id == doctor_id:
            visits = await appointments.day_of_doctor(tx, actor, from_at=start, to_at=end)
        else:
            visits = await appointments.day_of_clinic(tx, actor, from_at=start, to_at=end, doctor_id=doctor_id)
    return Calendar(
        doctor_id,
        diary.name,
        diary.zone,
        view,
        start,
        end,
        [] if view == "list" else diary.open,
        diary.exceptions,
        diary.leave,
        diary.holidays,
        visits,
    )


def _later(start: datetime, days: int) -> datetime:
    """The same clock time, whatever the clock does in between."""
    return start + timedelta(days=days)


def _away(data: NewLeave) -> Away:
    return Away(data.from_at, data.to_at, data.note)


routes = [leaves, take_leave, preview_leave, end_leave, calendar]
