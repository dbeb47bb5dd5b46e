from datetime import datetime
from uuid import UUID

from svastha.domain import patients
from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.book import book
from svastha.domain.appointments.model import Appointment
from svastha.domain.appointments.patient_for import patient_for
from svastha.domain.schedule import Mode
from svastha.kit.db import ClinicTx


async def follow_up(
    tx: ClinicTx, actor: Actor, appointment_id: UUID, *, starts_at: datetime, mode: Mode, reason: str | None = None
) -> Appointment:
    """Book another visit with the same doctor, after one that took place: by the patient, the desk, or the doctor
    herself; at home where that was. Raises NotFound for a visit that did not, and what ``book`` does."""
    seen = await seen_by(tx, actor, appointment_id)
    visit = seen.appointment
    if seen.as_patient:
        patient = await patients.seen_by(tx, actor, visit.patient_id, lock=True)
    else:
        patient = await patient_for(tx, actor, visit.doctor_id, visit.patient_id)
    return await book(
        tx,
        actor,
        patient=patient,
        doctor_id=visit.doctor_id,
        starts_at=starts_at,
        mode=mode,
        reason=reason,
        follows_id=visit.id,
        area=visit.area,
    )
