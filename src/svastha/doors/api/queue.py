from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from svastha.domain import queue
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.queue import Board, How, Position, Priority, Shown
from svastha.domain.schedule import Mode
from svastha.doors import visit
from svastha.doors.api.appointments import REPLAYED, IdempotencyKey
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked
from svastha.kit.db import ClinicTx

Why = Annotated[str, Meta(max_length=300)]


class Arrival(msgspec.Struct, frozen=True):
    """``how``: at the desk, at the door with her own telephone, or in the online waiting room. For staff to say; found
    out if left out, and of a patient."""

    appointment_id: UUID
    how: How | None = None


class WalkIn(msgspec.Struct, frozen=True):
    patient_id: UUID
    doctor_id: UUID
    mode: Mode = "in_person"


class Call(msgspec.Struct, frozen=True):
    doctor_id: UUID


class Priorities(msgspec.Struct, frozen=True):
    """``why`` is needed unless ``priority`` is ``none``, which takes it back."""

    priority: Priority
    why: Why = ""


class Transfer(msgspec.Struct, frozen=True):
    """``why``: the patient can read it."""

    doctor_id: UUID
    why: Why


class Late(msgspec.Struct, frozen=True):
    """``minutes``: about how late; 0: no longer."""

    doctor_id: UUID
    minutes: Annotated[int, Meta(ge=0, le=240)]


class Called(msgspec.Struct, frozen=True):
    appointment_id: UUID
    patient_name: str
    number: int
    calls: int


class Boards(msgspec.Struct, frozen=True):
    items: list[Board]


class Screen(msgspec.Struct, frozen=True):
    items: list[Shown]


@get("/clinics/{clinic:str}/queue", responses=answers(401, 404, 422), tags=["Queue"], needs="queue.run")
async def board(
    request: Asked,
    clinic: FromPath[str],
    doctor: FromQuery[UUID | None] = None,
    day: Annotated[date | None, QueryParameter(name="day", description="Of the clinic; today if left out.")] = None,
) -> Boards:
    """The queues of a day: for the desk of all doctors or of one, for a doctor her own."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Boards(await queue.board(tx, actor, doctor_id=doctor, day=day))


@post(
    "/clinics/{clinic:str}/queue/join",
    status_code=200,
    responses=answers(401, 404, 409),
    tags=["Queue"],
    needs="visit.move",
)
async def join(request: Asked, clinic: FromPath[str], data: JSONBody[Arrival]) -> Position:
    """The patient is here and takes a number. A repetition gives the same one."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.check_in(tx, actor, data.appointment_id, how=data.how)
        return await queue.position(tx, actor, data.appointment_id, trace=False)


@post(
    "/clinics/{clinic:str}/queue/walk-in",
    status_code=201,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Queue"],
    needs="queue.run",
)
async def walk_in(
    request: Asked, clinic: FromPath[str], data: JSONBody[WalkIn], idempotency_key: IdempotencyKey = None
) -> Response[Position]:
    """Somebody came without a booking, says the desk. She has a number in this doctor's queue."""

    async def verb(tx: ClinicTx, actor: Actor) -> Position:
        made = await queue.walk_in(tx, actor, patient_id=data.patient_id, doctor_id=data.doctor_id, mode=data.mode)
        return await queue.position(tx, actor, made.id, trace=False)

    return await visit.once(request, clinic, 201, verb, key=idempotency_key or "")


@post(
    "/clinics/{clinic:str}/queue/call-next",
    status_code=200,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Queue"],
    needs="queue.run",
)
async def call_next(
    request: Asked, clinic: FromPath[str], data: JSONBody[Call], idempotency_key: IdempotencyKey = None
) -> Response[Called]:
    """Call whose turn it is. Two who call at once call two people."""

    async def verb(tx: ClinicTx, actor: Actor) -> Called:
        return _called(await queue.call_next(tx, actor, data.doctor_id))

    return await visit.once(request, clinic, 200, verb, key=idempotency_key or "")


@post(
    "/clinics/{clinic:str}/queue/late",
    status_code=204,
    responses=answers(401, 404, 422),
    tags=["Queue"],
    needs="queue.run",
)
async def late(request: Asked, clinic: FromPath[str], data: JSONBody[Late]) -> None:
    """The doctor is late; those affected are told. Repeating it tells nobody again."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.say_late(tx, actor, data.doctor_id, data.minutes)


@get(
    "/clinics/{clinic:str}/queue/{appointment_id:uuid}",
    responses=answers(401, 404),
    tags=["Queue"],
    needs="visit.read",
)
async def position(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Position:
    """How many are before her, and how long it will be: eight of ten such waits end between `low` and `high` minutes.
    `cause` says why it is not what it was a moment ago."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await queue.position(tx, actor, appointment_id)


@post(
    "/clinics/{clinic:str}/queue/{appointment_id:uuid}/skip",
    status_code=204,
    responses=answers(401, 404, 409),
    tags=["Queue"],
    needs="queue.run",
)
async def skip(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> None:
    """She is not there: the next two go first."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.skip(tx, actor, appointment_id)


@post(
    "/clinics/{clinic:str}/queue/{appointment_id:uuid}/recall",
    status_code=200,
    responses=answers(401, 404, 409),
    tags=["Queue"],
    needs="queue.run",
)
async def recall(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Called:
    """Who was skipped has her place again; who was called is called once more."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _called(await queue.recall(tx, actor, appointment_id))


@post(
    "/clinics/{clinic:str}/queue/{appointment_id:uuid}/priority",
    status_code=204,
    responses=answers(401, 404, 409, 422),
    tags=["Queue"],
    needs="queue.run",
)
async def prioritise(
    request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID], data: JSONBody[Priorities]
) -> None:
    """Who must not wait goes first."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.prioritise(tx, actor, appointment_id, data.priority, why=data.why)


@post(
    "/clinics/{clinic:str}/queue/{appointment_id:uuid}/transfer",
    status_code=200,
    responses=answers(401, 404, 409, 422),
    tags=["Queue"],
    needs="queue.run",
)
async def transfer(
    request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID], data: JSONBody[Transfer]
) -> Appointment:
    """Another doctor sees her, with a number in that queue."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await queue.transfer(tx, actor, appointment_id, data.doctor_id, why=data.why)


@get("/clinics/{clinic:str}/screen", responses=answers(404), tags=["Queue"], security=[], needs="public")
async def screen(request: Asked, clinic: FromPath[str]) -> Screen:
    """For the waiting room: numbers, and nothing else about anybody."""
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Screen(await queue.screen(tx))


def _called(turn: queue.Turn) -> Called:
    return Called(turn.appointment_id, turn.patient_name, turn.number or 0, turn.calls)


routes = [board, join, walk_in, call_next, late, position, skip, recall, prioritise, transfer, screen]
