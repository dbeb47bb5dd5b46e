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
    """Book for oneself or somebody one acts for, or, at the desk, for a patient. A hold of hers that still runs becomes
    the visit."""
    reason = (reason or "").strip() or None
    if reason and (len(reason) > LONGEST_REASON or "\x00" in reason):
        raise Invalid(FieldError("reason", N_("Please be brief: at most 2,000 characters.")))
    patient = await (patients.seen_by(tx, actor, patient_id, lock=True) if patient_id else patients.own(tx, actor))
    if hold_id and await _use(tx, hold_id, patient.id, doctor_id, starts_at, mode, reason):
        step(tx, hold_id, "confirmed", actor.account_id)
        booked = (await seen_by(tx, actor, hold_id, trace=False)).appointment
    else:
        place = await schedule.claim(tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient.id)
        booked = await insert(
            tx, actor, patient, place, doctor_id=doctor_id, starts_at=starts_at, mode=mode, reason=reason
        )
    audit.note(tx, actor.account_id, "book", "appointment", booked.id, whose=booked.patient_id)
    announce(tx, AppointmentBooked(booked.id, doctor_id))
    plan_reminders(tx, booked.id, starts_at)
    return booked


async def _use(
    tx: ClinicTx, hold_id: UUID, patient_id: UUID, doctor_id: UUID, starts_at: datetime, mode: Mode, reason: str | None
) -> bool:
    """What was held is hers for as long as it was promised, unless the doctor may no longer be booked. False for any
    other hold. The lock is what ``schedule.follow`` waits for."""
    bookable = await tx.value(
        "SELECT true FROM practitioners WHERE doctor_id = :doctor_id AND bookable FOR KEY SHARE", doctor_id=doctor_id
    )
    return bool(
        bookable
        and await tx.run(
            """
            UPDATE appointments SET status = 'confirmed', hold_expires_at = NULL, reason = :reason
            WHERE id = :id AND status = 'held' AND hold_expires_at > now() AND patient_id = :patient_id
                AND doctor_id = :doctor_id AND starts_at = :starts_at AND mode = :mode
            """,
            id=hold_id,
            patient_id=patient_id,
            doctor_id=doctor_id,
            starts_at=starts_at,
            mode=mode,
            reason=seal_reason(tx, hold_id, reason),
        )
    )
