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
from svastha.kit.refusals import NotFound


async def hold(
    tx: ClinicTx,
    actor: Actor,
    *,
    doctor_id: UUID,
    starts_at: datetime,
    mode: Mode,
    minutes: int,
    patient_id: UUID | None = None,
) -> Appointment:
    """Keep a time for a while, for oneself or for somebody one acts for. A person holds one time in a clinic: choosing
    another lets the first go."""
    patient = await (patients.seen_by(tx, actor, patient_id, lock=True) if patient_id else patients.own(tx, actor))
    if not patient.mine:  # the desk books at once
        raise NotFound
    place = await schedule.claim(tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient.id)
    ends = now() + timedelta(minutes=minutes)
    held = await insert(
        tx, actor, patient, place, doctor_id=doctor_id, starts_at=starts_at, mode=mode, hold_expires_at=ends
    )
    audit.note(tx, actor.account_id, "hold", "appointment", held.id, whose=held.patient_id)
    announce(tx, AppointmentHeld(held.id, doctor_id))
    later(tx, HoldEnds(held.id), run_at=ends)
    return held
