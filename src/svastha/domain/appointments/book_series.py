from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit, patients, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.book import begins_as, checked
from svastha.domain.appointments.clear import clear
from svastha.domain.appointments.insert import busy, insert
from svastha.domain.appointments.model import Appointment, AppointmentRequested, HoldEnds, SeriesBooked
from svastha.domain.appointments.remind import plan_reminders
from svastha.domain.patients import Patient
from svastha.domain.schedule import AlreadyBooked, Mode, NotOffered, Place, SlotTaken
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce, later
from svastha.kit.refusals import Conflict, FieldError, Invalid, Refusal

LEAST, MOST = 2, 30
A_DAY = timedelta(days=1)


class SeriesRefused(Conflict):
    """``times``: each that cannot be, its ``code`` and up to three ``alternatives``."""

    code = "series_refused"
    says = N_("Some of these times are not free. Nothing was booked.")


async def book_series(
    tx: ClinicTx,
    actor: Actor,
    *,
    doctor_id: UUID,
    mode: Mode,
    starts: Sequence[datetime],
    patient_id: UUID | None = None,
    reason: str | None = None,
    area: str | None = None,
) -> list[Appointment]:
    """From 2 to 30 visits of a treatment, all or none, in order of time; they share ``series_id``. By whom and for whom
    as in ``book``. Raises SeriesRefused, Invalid."""
    reason, ordered = checked(reason), sorted(starts)
    if not LEAST <= len(ordered) <= MOST or len(set(ordered)) < len(ordered):
        raise Invalid(FieldError("starts_at", N_("Choose from 2 to 30 different times.")))
    patient = await (patients.seen_by(tx, actor, patient_id, lock=True) if patient_id else patients.own(tx, actor))

    async def claimed(times: Sequence[datetime]) -> list[Place]:
        return await _claimed(tx, doctor_id, mode, times, patient, area)

    places = await claimed(ordered)
    if any(place.old_holds for place in places):
        await clear(tx, patient_id=patient.id, times=[busy(at, p) for at, p in zip(ordered, places, strict=True)])
    series_id, booked, rules = uuid7(), list[Appointment](), await schedule.house_rules(tx)
    for n, (at, place) in enumerate(zip(ordered, places, strict=True)):
        if n and at - ordered[n - 1] < A_DAY:  # those before may be in the way, or fill the day
            place = (await claimed([at]))[0]  # noqa: PLW2901
        status, answer_by = begins_as(rules, patient, at)
        try:
            one = await insert(
                tx,
                actor,
                patient,
                msgspec.structs.replace(place, old_holds=False),
                doctor_id=doctor_id,
                starts_at=at,
                mode=mode,
                status=status,
                expires_at=answer_by,
                reason=reason,
                kind="series",
                series_id=series_id,
                area=area,
            )
        except (SlotTaken, AlreadyBooked) as refusal:  # by the constraint: somebody was quicker in a room of hers
            raise SeriesRefused(times=[_refused(at, refusal)]) from None
        booked.append(one)
        audit.note(tx, actor.account_id, "book", "appointment", one.id, whose=patient.id)
        if answer_by:
            announce(tx, AppointmentRequested(one.id, doctor_id))
            later(tx, HoldEnds(one.id), run_at=answer_by)
        else:
            await plan_reminders(tx, one.id, patient.id, at)
    if booked[0].status == "confirmed":
        announce(tx, SeriesBooked(booked[0].id, doctor_id, series_id))
    return booked


async def _claimed(
    tx: ClinicTx, doctor_id: UUID, mode: Mode, times: Sequence[datetime], patient: Patient, area: str | None
) -> list[Place]:
    places: list[Place] = []
    refused: list[dict[str, Any]] = []
    for at in times:
        try:
            places.append(
                await schedule.claim(tx, doctor_id=doctor_id, mode=mode, starts_at=at, patient=patient.id, area=area)
            )
        except (SlotTaken, AlreadyBooked, NotOffered) as refusal:
            refused.append(_refused(at, refusal))
    if refused:
        raise SeriesRefused(times=refused)
    return places


def _refused(at: datetime, refusal: Refusal) -> dict[str, Any]:
    return {"starts_at": at, "code": refusal.code, "alternatives": refusal.details.get("alternatives", [])}
