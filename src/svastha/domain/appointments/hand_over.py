from uuid import UUID

import msgspec

from svastha.domain import audit, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.model import Appointment, AppointmentMoved, NotPossibleNow, Status
from svastha.domain.appointments.step import step
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import NotFound


async def hand_over(tx: ClinicTx, actor: Actor, appointment_id: UUID, doctor_id: UUID, *, why: str) -> Appointment:
    """Another doctor of this clinic sees somebody who waits, without a place in that doctor's calendar. Said by the
    desk or the doctor she waits for; the fee stays what it was, and the patient can read ``why``."""
    seen = await seen_by(tx, actor, appointment_id)
    if seen.as_patient:
        raise NotFound
    visit = seen.appointment
    place = await schedule.squeeze(tx, doctor_id=doctor_id, mode=visit.mode, starts_at=now())
    status: Status = await tx.value("SELECT status FROM appointments WHERE id = :id FOR UPDATE", id=visit.id)
    if status != "checked_in":
        raise NotPossibleNow(visit_status=status)
    await tx.run(
        "UPDATE appointments SET doctor_id = :doctor_id, placed = 'walk_in', before_minutes = 0, after_minutes = 0,"
        " sequence = sequence + 1 WHERE id = :id",
        id=visit.id,
        doctor_id=doctor_id,
    )
    step(tx, visit.id, "checked_in", actor.account_id, why)
    audit.note(tx, actor.account_id, "hand_over", "appointment", visit.id, whose=visit.patient_id)
    for doctor in (visit.doctor_id, doctor_id):
        announce(tx, AppointmentMoved(visit.id, doctor, "checked_in"))
    return msgspec.structs.replace(
        visit, doctor_id=doctor_id, doctor_name=place.doctor_name, placed="walk_in", version=visit.version + 1
    )
