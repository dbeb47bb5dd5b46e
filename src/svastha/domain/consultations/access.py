from uuid import UUID

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.domain.consultations.model import DoctorOnly, NotYours, Who
from svastha.kit.db import ClinicTx


async def attended_by(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Visit:
    """The visit, for its doctor alone. NotFound for strangers, DoctorOnly for the patient and the desk."""
    visit = await appointments.seen_by(tx, actor, appointment_id)
    if not visit.as_doctor:
        raise DoctorOnly
    return visit


async def shared_by(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> tuple[Visit, Who]:
    """The visit, for the two people it is between, and which of them is asking."""
    visit = await appointments.seen_by(tx, actor, appointment_id)
    if not (visit.as_doctor or visit.as_patient):
        raise NotYours
    return visit, "doctor" if visit.as_doctor else "patient"
