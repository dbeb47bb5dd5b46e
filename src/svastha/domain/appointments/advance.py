from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments.model import NEXT, AppointmentMoved, NotPossibleNow, Status, TimeGiven
from svastha.domain.appointments.step import step
from svastha.domain.schedule import AlreadyBooked
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def advance(
    tx: ClinicTx, actor: Actor, appointment_id: UUID, doctor_id: UUID, to: Status, *, why: str | None = None
) -> Status:
    """One step along ``NEXT``, or a refusal. Returns where it was. Repeating a step that was made changes nothing.
    The patient can read ``why``."""
    was: Status = await tx.value("SELECT status FROM appointments WHERE id = :id FOR UPDATE", id=appointment_id)
    if was == to:
        return was
    if to not in NEXT[was]:
        raise NotPossibleNow(visit_status=was)
    # Who was missed and comes after all may find that her time was sold.
    async with tx.refusing(no_two_visits_of_one_doctor=TimeGiven, no_two_visits_of_one_patient=AlreadyBooked):
        patient_id: UUID = await tx.value(
            "UPDATE appointments SET status = :to, hold_expires_at = NULL, sequence = sequence + 1 WHERE id = :id"
            " RETURNING patient_id",
            id=appointment_id,
            to=to,
        )
    step(tx, appointment_id, to, actor.account_id, why)
    audit.note(tx, actor.account_id, to, "appointment", appointment_id, whose=patient_id)
    announce(tx, AppointmentMoved(appointment_id, doctor_id, to))
    return was
