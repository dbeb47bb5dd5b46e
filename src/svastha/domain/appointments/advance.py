from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments.answered import Answer, answered
from svastha.domain.appointments.charge import charged
from svastha.domain.appointments.hush import hush
from svastha.domain.appointments.model import (
    NEXT,
    AppointmentAdvanced,
    AppointmentMoved,
    NotPossibleNow,
    Status,
    TimeGiven,
)
from svastha.domain.appointments.step import step
from svastha.domain.schedule import AlreadyBooked
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce

# A visit whose doctor will be away: what became of it.
ANSWERS: dict[Status, Answer] = {
    "in_progress": "seen_anyway",
    "cancelled": "cancelled",
    "declined": "cancelled",
    "expired": "cancelled",
}


async def advance(
    tx: ClinicTx,
    actor: Actor,
    appointment_id: UUID,
    doctor_id: UUID,
    to: Status,
    *,
    why: str | None = None,
    only: Status | None = None,
    free: bool = False,
) -> Status:
    """One step along ``NEXT``, or a refusal. Returns where it was. Repeating a step that was made changes nothing.
    The patient can read ``why``. ``only``: from there alone. ``free``: the policy of the visit does not count."""
    return await advance_by(tx, actor.account_id, appointment_id, doctor_id, to, why=why, only=only, free=free)


async def advance_by(
    tx: ClinicTx,
    by: UUID | None,
    appointment_id: UUID,
    doctor_id: UUID,
    to: Status,
    *,
    why: str | None = None,
    noted: str | None = None,
    only: Status | None = None,
    free: bool = False,
) -> Status:
    """The same by an account, or by whoever holds a link. ``noted``: how, for the audit."""
    was: Status = await tx.value("SELECT status FROM appointments WHERE id = :id FOR UPDATE", id=appointment_id)
    if was == to:
        return was
    if to not in NEXT[was] or only not in (None, was):
        raise NotPossibleNow(visit_status=was)
    charges = to in ("cancelled", "no_show") or was == "no_show"
    charge = await charged(tx, appointment_id, to, free=free) if charges else None
    # Who was missed and comes after all may find that her time, or her room, was sold.
    async with tx.refusing(
        no_two_visits_of_one_doctor=TimeGiven,
        no_two_visits_in_one_room=TimeGiven,
        no_two_visits_of_one_patient=AlreadyBooked,
    ):
        patient_id: UUID = await tx.value(
            "UPDATE appointments SET status = :to, hold_expires_at = NULL, sequence = sequence + 1,"
            " charge_percent = CASE WHEN :charges THEN :charge ELSE charge_percent END"
            " WHERE id = :id RETURNING patient_id",
            id=appointment_id,
            to=to,
            charges=charges,
            charge=charge,
        )
    if to in ("cancelled", "no_show"):
        await hush(tx, appointment_id)
    if to in ANSWERS:
        await answered(tx, appointment_id, ANSWERS[to], by)
    step(tx, appointment_id, to, by, why, charge_percent=charge)
    audit.note(tx, by, to, "appointment", appointment_id, why=noted, whose=patient_id)
    quiet = to in ("checked_in", "in_progress") and was != "no_show"  # a missed time was given back
    announce(tx, (AppointmentAdvanced if quiet else AppointmentMoved)(appointment_id, doctor_id, to))
    return was
