from uuid import UUID

import msgspec

from svastha.domain import audit, patients, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.insert import insert
from svastha.domain.appointments.model import Appointment
from svastha.domain.schedule import Mode
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def walk_in(
    tx: ClinicTx, actor: Actor, *, doctor_id: UUID, patient_id: UUID, mode: Mode = "in_person"
) -> Appointment:
    """Somebody is here without a booking, says the desk. Such a visit has no place in the calendar: when it is her turn
    the queue decides."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    patient = await patients.seen_by(tx, actor, patient_id, lock=True)
    at = now()
    place = await schedule.squeeze(tx, doctor_id=doctor_id, mode=mode, starts_at=at)
    made = await insert(
        tx,
        actor,
        patient,
        place,
        doctor_id=doctor_id,
        starts_at=at,
        mode=mode,
        status="confirmed",
        placed="walk_in",
    )
    audit.note(tx, actor.account_id, "walk_in", "appointment", made.id, whose=made.patient_id)
    await advance(tx, actor, made.id, doctor_id, "checked_in")
    return msgspec.structs.replace(made, status="checked_in", version=made.version + 1)
