from datetime import datetime
from uuid import UUID

from svastha.domain import audit, patients, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.insert import insert, seal_reason
from svastha.domain.appointments.model import Appointment, AppointmentBooked
from svastha.domain.appointments.remind import plan_reminders
from svastha.domain.appointments.step import step
from svastha.domain.schedule import Mode
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid

LONGEST_REASON = 2000


async def book(
    tx: ClinicTx,
    actor: Actor,
    *,
    doctor_id: UUID,
    starts_at: datetime,
    mode: Mode,
    patient_id: UUID | None = None,
    reason: str | None = None,
    hold_id: UUID | None = None,
) -> Appointment:
    """Book for oneself, or, at the desk, for a patient.

    A hold of hers on this time becomes the visit, even one that ran out, as long as nobody else came first.
    """
    reason = (reason or "").strip() or None
    if reason and (len(reason) > LONGEST_REASON or "\x00" in reason):
        raise Invalid(FieldError("reason", N_("Please be brief: at most 2,000 characters.")))
    patient = await (patients.seen_by(tx, actor, patient_id, lock=True) if patient_id else patients.own(tx, actor))
    place = await schedule.claim(tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient.id)
    # hold_id is a courtesy: the hold is found by what it holds, so an old id in a form costs nobody her visit.
    booked: UUID | None = await tx.value(
        """
        UPDATE appointments SET status = 'confirmed', hold_expires_at = NULL
        WHERE patient_id = :patient_id AND doctor_id = :doctor_id AND starts_at = :starts_at AND mode = :mode
            AND ends_at = :ends_at AND status = 'held'
        RETURNING id
        """,
        patient_id=patient.id,
        doctor_id=doctor_id,
        starts_at=starts_at,
        ends_at=place.ends_at,
        mode=mode,
    )
    if booked:
        if reason:
            await tx.run(
                "UPDATE appointments SET reason = :reason WHERE id = :id",
                id=booked,
                reason=seal_reason(tx, booked, reason),
            )
        step(tx, booked, "confirmed", actor.account_id)
    else:
        booked = await insert(
            tx, actor, place, doctor_id=doctor_id, patient_id=patient.id, starts_at=starts_at, mode=mode, reason=reason
        )
    audit.note(tx, actor.account_id, "book", "appointment", booked)
    announce(tx, AppointmentBooked(booked, doctor_id))
    plan_reminders(tx, booked, starts_at)
    return (await seen_by(tx, actor, booked)).appointment
