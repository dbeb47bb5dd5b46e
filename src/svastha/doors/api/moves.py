"""What becomes of a visit after it was booked, step by step."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from svastha.domain import appointments, doctors
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Alternative, Appointment, Away, Cost
from svastha.domain.schedule import Mode
from svastha.doors import visit
from svastha.doors.api.appointments import REPLAYED, Cancellation, IdempotencyKey, Instant
from svastha.doors.api.problems import answers
from svastha.doors.api.replies import documented
from svastha.doors.visit import Asked
from svastha.kit.db import ClinicTx

PATH = "/clinics/{clinic:str}/appointments/{appointment_id:uuid}"
Why = Annotated[str, Meta(max_length=500, description="The patient can read it.")]


class Move(msgspec.Struct, frozen=True):
    """``doctor_id``, ``mode``: as it is, if left out. ``if_version``: the `version` that was seen: of two people who
    move the same visit the second is told instead of undoing what the first did. ``for_patient``: staff moves it
    because she asked; then her policy counts. ``why``: from staff, for her to read."""

    starts_at: Instant
    doctor_id: UUID | None = None
    mode: Mode | None = None
    if_version: int | None = None
    for_patient: bool = False
    why: Why | None = None


class Refused(msgspec.Struct, frozen=True):
    why: Annotated[str, Meta(min_length=3, max_length=500, description="The patient reads it.")]


class Choices(msgspec.Struct, frozen=True):
    """``away``: the doctor is, and the patient has yet to answer."""

    items: list[Alternative]
    away: Away | None


class Rest(msgspec.Struct, frozen=True):
    items: list[Appointment]


@post(
    f"{PATH}/reschedule",
    status_code=200,
    responses={**documented(Appointment, "The visit where it is now."), **answers(401, 404, 409, 422)},
    response_headers=REPLAYED,
    tags=["Booking"],
    needs="visit.move",
)
async def reschedule(
    request: Asked,
    clinic: FromPath[str],
    appointment_id: FromPath[UUID],
    data: JSONBody[Move],
    idempotency_key: IdempotencyKey = None,
) -> Response[Appointment]:
    """Move a visit: the patient until it begins, staff until it would be over. It keeps its id, history, links and
    policy. A refusal for a time that is not free carries the next three as `alternatives`."""
    house = visit.house_of(request)
    if data.doctor_id:
        async with house.routing.reading_control() as control:
            await doctors.verified(control, data.doctor_id)

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await appointments.reschedule(
            tx,
            actor,
            appointment_id,
            starts_at=data.starts_at,
            doctor_id=data.doctor_id,
            mode=data.mode,
            why=data.why,
            for_patient=data.for_patient,
            if_version=data.if_version,
        )

    return await visit.once(request, clinic, 200, verb, key=idempotency_key or "")


@get(f"{PATH}/alternatives", responses=answers(401, 404), tags=["Booking"], needs="visit.read")
async def alternatives(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Choices:
    """At most three other times that are free at this moment; while the doctor is away, one after, one before, and one
    with a colleague. `reschedule` takes one."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        found = (await appointments.seen_by(tx, actor, appointment_id)).appointment
        movable = found.status in appointments.MOVABLE
        items = await appointments.alternatives(tx, found) if movable else []
        return Choices(items, await appointments.away(tx, found.id))


@get(f"{PATH}/cost", responses=answers(401, 404), tags=["Booking"], needs="visit.read")
async def cost(
    request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID], of: FromQuery[appointments.Act] = "cancelled"
) -> Cost:
    """What the patient would owe if she did this now, by the policy the visit was booked under."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        found = (await appointments.seen_by(tx, actor, appointment_id)).appointment
        return await appointments.cost_of(tx, found, of)


@post(f"{PATH}/confirm", status_code=200, responses=answers(401, 404, 409), tags=["Booking"], needs="visit.answer")
async def confirm(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Appointment:
    """Yes to a request."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.confirm(tx, actor, appointment_id)


@post(f"{PATH}/decline", status_code=200, responses=answers(401, 404, 409, 422), tags=["Booking"], needs="visit.answer")
async def decline(
    request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID], data: JSONBody[Refused]
) -> Appointment:
    """No to a request. Its time is free at once."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.decline(tx, actor, appointment_id, why=data.why)


@post(f"{PATH}/no-show", status_code=200, responses=answers(401, 404, 409), tags=["Visit"], needs="visit.miss")
async def no_show(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Appointment:
    """The patient did not come. Possible once the visit should have begun; `check-in` takes it back."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.no_show(tx, actor, appointment_id)


@post(f"{PATH}/undo-check-in", status_code=200, responses=answers(401, 404, 409), tags=["Visit"], needs="visit.miss")
async def undo_check_in(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Appointment:
    """The patient is not here after all."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.undo_check_in(tx, actor, appointment_id)


@post(f"{PATH}/cancel-rest", status_code=200, responses=answers(401, 404, 422), tags=["Booking"], needs="visit.move")
async def cancel_rest(
    request: Asked,
    clinic: FromPath[str],
    appointment_id: FromPath[UUID],
    data: JSONBody[Cancellation | None] = None,
) -> Rest:
    """Cancel this visit of a series and all that come after it."""
    actor, said = await visit.actor_of(request), data or Cancellation()
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Rest(
            await appointments.cancel_rest(tx, actor, appointment_id, why=said.why, for_patient=said.for_patient)
        )


routes = [reschedule, alternatives, cost, confirm, decline, no_show, undo_check_in, cancel_rest]
