from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.datastructures import ResponseHeader
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from msgspec import Meta

from svastha.domain import appointments, queue
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.schedule import Mode
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.api.replies import LINK, documented, next_page
from svastha.doors.instants import instant
from svastha.doors.remembered import before_booking
from svastha.doors.two_places import Elsewhere, other_visits_at, those_of
from svastha.doors.visit import Asked
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.pages import Cursors

Instant = Annotated[datetime, Meta(tz=True)]
Area = Annotated[str, Meta(max_length=10)]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        required=False,
        description="Required. A new value, such as a UUID, for each new wish; the same to repeat one. Kept 24 hours.",
    ),
]
REPLAYED = [
    ResponseHeader(name="Idempotency-Replayed", description="Present on a repeated answer.", documentation_only=True)
]


class Hold(msgspec.Struct, frozen=True):
    """``patient_id``: somebody one acts for; left out for oneself. ``area``: PIN code of a home visit."""

    doctor_id: UUID
    starts_at: Instant
    mode: Mode
    patient_id: UUID | None = None
    area: Area | None = None


class Booking(msgspec.Struct, frozen=True):
    """``patient_id``: somebody one acts for, or at the desk any patient; left out for oneself. ``follows_id``: a visit
    with the same doctor that took place. ``area``: PIN code of a home visit."""

    doctor_id: UUID
    starts_at: Instant
    mode: Mode
    patient_id: UUID | None = None
    reason: str | None = None
    hold_id: UUID | None = None
    follows_id: UUID | None = None
    area: Area | None = None


class Booked(Appointment, frozen=True, kw_only=True):
    """``warnings``: visits of the same patient at other clinics at this time."""

    warnings: list[Elsewhere]


class Cancellation(msgspec.Struct, frozen=True):
    """``for_patient``: staff cancels because she asked; then her policy counts. Else it costs her nothing."""

    why: (
        Annotated[str, Meta(max_length=500, description="From the doctor or the desk; the patient can read it.")] | None
    ) = None
    for_patient: bool = False


class Appointments(msgspec.Struct, frozen=True):
    """``next_cursor`` is null on the last page."""

    items: list[Appointment]
    next_cursor: str | None


@post(
    "/clinics/{clinic:str}/holds",
    status_code=201,
    responses=answers(401, 404, 409, 422),
    tags=["Booking"],
    needs="visit.book",
)
async def hold(request: Asked, clinic: FromPath[str], data: JSONBody[Hold]) -> Booked:
    """Keep a time while booking it, until `hold_expires_at`. A person holds one time in a clinic."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    places = await before_booking(house, actor, clinic, data.doctor_id)
    others = await other_visits_at(request, clinic, data.starts_at, places=places)
    async with visit.to_clinic(house, clinic) as tx:
        held = await appointments.hold(
            tx,
            actor,
            doctor_id=data.doctor_id,
            starts_at=data.starts_at,
            mode=data.mode,
            minutes=house.settings.hold_minutes,
            patient_id=data.patient_id,
            area=data.area,
        )
    return _with(held, others)


def _with(one: Appointment, others: list[Elsewhere]) -> Booked:
    fields = {name: getattr(one, name) for name in Appointment.__struct_fields__}
    return Booked(**fields, warnings=those_of(others, one))


@delete("/clinics/{clinic:str}/holds/{hold_id:uuid}", responses=answers(401, 404), tags=["Booking"], needs="visit.book")
async def release(request: Asked, clinic: FromPath[str], hold_id: FromPath[UUID]) -> None:
    """Let a held time go."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await appointments.release(tx, actor, hold_id)


@post(
    "/clinics/{clinic:str}/appointments",
    status_code=201,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Booking"],
    needs="visit.book",
)
async def book(
    request: Asked, clinic: FromPath[str], data: JSONBody[Booking], idempotency_key: IdempotencyKey = None
) -> Response[Booked]:
    """Book a visit. A refusal for a time that is gone carries the next three as `alternatives`."""
    actor = await visit.actor_of(request)
    places = await before_booking(visit.house_of(request), actor, clinic, data.doctor_id)
    others = await other_visits_at(request, clinic, data.starts_at, places=places)

    async def verb(tx: ClinicTx, actor: Actor) -> Booked:
        booked = await appointments.book(
            tx,
            actor,
            doctor_id=data.doctor_id,
            starts_at=data.starts_at,
            mode=data.mode,
            patient_id=data.patient_id,
            reason=data.reason,
            hold_id=data.hold_id,
            follows_id=data.follows_id,
            area=data.area,
        )
        return _with(booked, others)

    return await visit.once(request, clinic, 201, verb, key=idempotency_key or "")


@get(
    "/clinics/{clinic:str}/appointments",
    responses={**documented(Appointments, "A page of visits."), **answers(401, 404, 422)},
    response_headers=[LINK],
    tags=["Booking"],
    needs="visit.read",
)
async def listed(
    request: Asked,
    clinic: FromPath[str],
    from_at: Annotated[str, QueryParameter(name="from", description="RFC 3339, or a day of the clinic.")] = "",
    to_at: Annotated[str, QueryParameter(name="to", description="The same, to the end of a day.")] = "",
    cursor: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=200)] = 50,
) -> Response[Appointments]:
    """Visits at this clinic, latest first: one's own and of those one acts for, a doctor's those with her, and at the
    desk everybody's."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    ref = await visit.clinic_of(request, clinic)
    where, purpose = zone(ref.zone), f"appointments {clinic} {actor.account_id}"
    cursors = Cursors(appointments.Place, secret=house.settings.secret, purpose=purpose)
    async with visit.to_clinic(house, clinic) as tx:
        found = await appointments.listed(
            tx,
            actor,
            from_at=instant("from", from_at, where) if from_at else None,
            to_at=instant("to", to_at, where, days=1) if to_at else None,
            after=cursors.place(cursor),
            limit=limit + 1,
        )
    shown, following = cursors.page(found, limit, lambda booked: appointments.Place(booked.starts_at, booked.id))
    return Response(Appointments(shown, following), headers=next_page(request, following))


@get(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}",
    responses=answers(401, 404),
    tags=["Booking"],
    needs="visit.read",
)
async def read(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Appointment:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return (await appointments.seen_by(tx, actor, appointment_id)).appointment


@post(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/cancel",
    status_code=200,
    responses=answers(401, 404, 409, 422),
    tags=["Booking"],
    needs="visit.move",
)
async def cancel(
    request: Asked,
    clinic: FromPath[str],
    appointment_id: FromPath[UUID],
    data: JSONBody[Cancellation | None] = None,
) -> Appointment:
    """Cancel, until the visit would be over, or while the patient still waits; the time is free for others at once. The
    body, which may be left out, says why: the doctor and the desk tell the patient; what the patient writes there is
    ignored and not kept."""
    actor, said = await visit.actor_of(request), data or Cancellation()
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.cancel(tx, actor, appointment_id, why=said.why, for_patient=said.for_patient)


@post(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/check-in",
    status_code=200,
    responses=answers(401, 404, 409),
    tags=["Visit"],
    needs="visit.move",
)
async def check_in(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Appointment:
    """The patient is here, or in the online waiting room, and has a number in the queue of the day."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await queue.check_in(tx, actor, appointment_id)


routes = [hold, release, book, listed, read, cancel, check_in]
