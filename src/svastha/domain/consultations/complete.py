from uuid import UUID

import msgspec

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.consultations.sign_note import lock
from svastha.kit.db import ClinicTx


async def complete(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The visit is over. What is in the note, if there is one, is signed as it stands. A repetition changes nothing."""
    visit = (await appointments.attended_by(tx, actor, appointment_id, trace=True)).appointment
    was = await appointments.advance(tx, actor, visit.id, visit.doctor_id, "completed")
    if was == "in_progress":  # a note that was begun afterwards is not signed by saying it again
        await lock(tx, actor, visit.id)
    return msgspec.structs.replace(visit, status="completed")
