from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import audit, patients, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.insert import insert
from svastha.domain.appointments.model import Appointment, AppointmentHeld, HoldEnds
from svastha.domain.schedule import Mode
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce, later


async def hold(
    tx: ClinicTx, actor: Actor, *, doctor_id: UUID, starts_at: datetime, mode: Mode, minutes: int
) -> Appointment:
    """Keep a time for a while. A person holds one time in a clinic: choosing another lets the first go."""
    patient = await patients.own(tx, actor)
    place = await schedule.claim(tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient.id)
    ends = now() + timedelta(minutes=minutes)
    held = await insert(
        tx, actor, patient, place, doctor_id=doctor_id, starts_at=starts_at, mode=mode, hold_expires_at=ends
    )
    audit.note(tx, actor.account_id, "hold", "appointment", held.id)
    announce(tx, AppointmentHeld(held.id, doctor_id))
    later(tx, HoldEnds(held.id), run_at=ends)
    return held
