from uuid import UUID

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.queue.access import this_day
from svastha.domain.queue.arrive import arrive
from svastha.domain.schedule import Mode
from svastha.kit.db import ClinicTx


async def walk_in(
    tx: ClinicTx, actor: Actor, *, patient_id: UUID, doctor_id: UUID, mode: Mode = "in_person"
) -> Appointment:
    """Somebody came without a booking and waits for this doctor. By the desk."""
    visit = await appointments.walk_in(tx, actor, doctor_id=doctor_id, patient_id=patient_id, mode=mode)
    await arrive(tx, visit, how="desk", day=this_day(tx))
    return visit
