"""Holds that the waiting list gives, and what becomes of them other than a visit."""

from datetime import datetime
from uuid import UUID

from svastha.domain import patients, schedule
from svastha.domain.appointments.insert import insert
from svastha.domain.appointments.model import Appointment, AppointmentHeld, AppointmentMoved, HoldEnds
from svastha.domain.appointments.step import step
from svastha.domain.schedule import Mode
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce, later


async def offer(
    tx: ClinicTx,
    *,
    patient_id: UUID,
    doctor_id: UUID,
    starts_at: datetime,
    mode: Mode,
    expires_at: datetime,
    made_by: UUID,
    area: str | None = None,
) -> Appointment:
    """Keep a time for a patient who waits for one; for a caller that has established her right to it. ``made_by``: who
    put her on the list. Locks as a booking does: the patient, then the doctor."""
    patient = await patients.locked(tx, patient_id)
    place = await schedule.claim(tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient.id, area=area)
    held = await insert(
        tx,
        None,
        patient,
        place,
        doctor_id=doctor_id,
        starts_at=starts_at,
        mode=mode,
        status="held",
        expires_at=expires_at,
        area=area,
        offered=True,
        made_by=made_by,
    )
    announce(tx, AppointmentHeld(held.id, doctor_id))
    later(tx, HoldEnds(held.id), run_at=expires_at)
    return held


async def let_go(tx: ClinicTx, by: UUID | None, hold_id: UUID) -> bool:
    """One hold, whatever else she holds. The caller has seen it. False if it is none any more."""
    doctor_id: UUID | None = await tx.value(
        "UPDATE appointments SET status = 'cancelled', hold_expires_at = NULL WHERE id = :id AND status = 'held'"
        " RETURNING doctor_id",
        id=hold_id,
    )
    if doctor_id:
        step(tx, hold_id, "cancelled", by)
        announce(tx, AppointmentMoved(hold_id, doctor_id, "cancelled"))
    return doctor_id is not None
