from uuid import UUID

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment, Visit
from svastha.domain.consultations.model import Admission, NotAdmitted, Who
from svastha.kit.db import ClinicTx


async def admission(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Admission:
    """May this person be in the call now? Only a visit by video has one, and only while the doctor has it open."""
    visit = await appointments.shared_by(tx, actor, appointment_id)
    return _open(visit.appointment, side(visit))


async def still_admitted(tx: ClinicTx, appointment_id: UUID, who: Who) -> Admission:
    """The same, asked again by somebody who carries proof of an admission."""
    return _open(await appointments.for_verification(tx, appointment_id), who)


def side(visit: Visit) -> Who:
    """On which side somebody is who shares the visit."""
    return "doctor" if visit.as_doctor else "patient"


def _open(appointment: Appointment, who: Who) -> Admission:
    if appointment.mode != "video" or appointment.status != "in_progress":
        raise NotAdmitted
    return Admission(appointment, who)
