from uuid import UUID

import msgspec

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.consultations.log import log
from svastha.kit.db import ClinicTx


async def admit(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The doctor lets the patient in: from the commit on, and not before, there are tokens for the call."""
    visit = (await appointments.attended_by(tx, actor, appointment_id, trace=True)).appointment
    was = await appointments.advance(tx, actor, visit.id, visit.doctor_id, "in_progress")
    if was != "in_progress":
        log(tx, visit.id, "doctor", "admitted")
    return msgspec.structs.replace(visit, status="in_progress")
