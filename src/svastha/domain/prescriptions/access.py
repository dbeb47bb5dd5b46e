from uuid import UUID

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.domain.prescriptions.model import DoctorOnly, NotYours
from svastha.kit.db import ClinicTx


async def prescribed_by(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Visit:
    """The visit, for its doctor alone. NotFound for strangers, DoctorOnly for the patient and the desk."""
    visit = await appointments.seen_by(tx, actor, appointment_id)
    if not visit.as_doctor:
        raise DoctorOnly
    return visit


async def shared_by(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Visit:
    """The visit, for the two people it is between."""
    visit = await appointments.seen_by(tx, actor, appointment_id)
    if not (visit.as_doctor or visit.as_patient):
        raise NotYours
    return visit
