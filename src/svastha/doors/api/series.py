"""Bookings other than the first: follow-ups, series, and visits that are squeezed in."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import appointments, doctors
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.schedule import Mode
from svastha.doors import visit
from svastha.doors.api.appointments import REPLAYED, IdempotencyKey, Instant
from svastha.doors.api.moves import PATH
from svastha.doors.api.problems import answers
from svastha.doors.remembered import before_booking
from svastha.doors.two_places import Elsewhere, other_visits_at, those_of
from svastha.doors.visit import Asked
from svastha.kit.db import ClinicTx


class FollowUp(msgspec.Struct, frozen=True):
    starts_at: Instant
    mode: Mode
    reason: str | None = None


class SeriesWish(msgspec.Struct, frozen=True):
    """``patient_id``: as of a booking. ``starts_at``: from 2 to 30 different times."""

    doctor_id: UUID
    mode: Mode
    starts_at: Annotated[list[Instant], Meta(min_length=2, max_length=30)]
    patient_id: UUID | None = None
    reason: str | None = None
    area: Annotated[str, Meta(max_length=10)] | None = None


class Series(msgspec.Struct, frozen=True):
    """In order of time."""

    series_id: UUID
    items: list[Appointment]
    warnings: list[Elsewhere]


class Squeeze(msgspec.Struct, frozen=True):
    """``why``: that the time is not free is no obstacle; the patient can read it. ``reason``: why she comes."""

    doctor_id: UUID
    patient_id: UUID
    starts_at: Instant
    mode: Mode
    why: Annotated[str, Meta(min_length=3, max_length=500)]
    reason: str | None = None
    area: Annotated[str, Meta(max_length=10)] | None = None


@post(
    f"{PATH}/follow-up",
    status_code=201,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Booking"],
    needs="visit.follow",
)
async def follow_up(
    request: Asked,
    clinic: FromPath[str],
    appointment_id: FromPath[UUID],
    data: JSONBody[FollowUp],
    idempotency_key: IdempotencyKey = None,
) -> Response[Appointment]:
    """Book the next visit with the same doctor, after one that took place: the patient, the desk, or the doctor."""

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await appointments.follow_up(
            tx, actor, appointment_id, starts_at=data.starts_at, mode=data.mode, reason=data.reason
        )

    return await visit.once(request, clinic, 201, verb, key=idempotency_key or "")


@post(
    "/clinics/{clinic:str}/series",
    status_code=201,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Booking"],
    needs="visit.book",
)
async def book_series(
    request: Asked, clinic: FromPath[str], data: JSONBody[SeriesWish], idempotency_key: IdempotencyKey = None
) -> Response[Series]:
    """Book several visits of a treatment, all or none. A refusal names in `times` each that cannot be, why, and up to
    three `alternatives`."""
    actor = await visit.actor_of(request)
    await before_booking(visit.house_of(request), actor, clinic, data.doctor_id)
    first, last = min(data.starts_at), max(data.starts_at)
    others = await other_visits_at(request, clinic, first, last)

    async def verb(tx: ClinicTx, actor: Actor) -> Series:
        found = await appointments.book_series(
            tx,
            actor,
            doctor_id=data.doctor_id,
            mode=data.mode,
            starts=data.starts_at,
            patient_id=data.patient_id,
            reason=data.reason,
            area=data.area,
        )
        assert found[0].series_id
        return Series(found[0].series_id, found, [other for one in found for other in those_of(others, one)])

    return await visit.once(request, clinic, 201, verb, key=idempotency_key or "")


@post(
    "/clinics/{clinic:str}/squeeze-in",
    status_code=201,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Booking"],
    needs="visit.squeeze",
)
async def squeeze_in(
    request: Asked, clinic: FromPath[str], data: JSONBody[Squeeze], idempotency_key: IdempotencyKey = None
) -> Response[Appointment]:
    """A visit at a time that is not free: by the desk, or by the doctor for a patient of hers. It is `squeezed` in
    `placed`; only the patient herself must be free then."""
    async with visit.house_of(request).routing.reading_control() as control:
        await doctors.verified(control, data.doctor_id)

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await appointments.squeeze_in(
            tx,
            actor,
            doctor_id=data.doctor_id,
            patient_id=data.patient_id,
            starts_at=data.starts_at,
            mode=data.mode,
            why=data.why,
            reason=data.reason,
            area=data.area,
        )

    return await visit.once(request, clinic, 201, verb, key=idempotency_key or "")


routes = [follow_up, book_series, squeeze_in]
