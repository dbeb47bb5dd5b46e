from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import audit, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.insert import insert
from svastha.domain.appointments.look_first import look_first
from svastha.domain.appointments.model import Appointment, AppointmentHeld, HoldEnds
from svastha.domain.appointments.prepare import prepare
from svastha.domain.schedule import Mode
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
    area: str | None = None,
) -> Appointment:
    """Keep a time for a while, for oneself or for somebody one acts for. A person holds one time in a clinic: choosing
    another lets the first go."""
    patient = await prepare(tx, actor, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient_id=patient_id)
    if not patient.mine:  # the desk books at once
        raise NotFound
    if patient.taken:
        await look_first(
            tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient.id, there=patient.taken
        )
    place = await schedule.claim(
        tx,
        doctor_id=doctor_id,
        mode=mode,
        starts_at=starts_at,
        patient=patient.id,
        area=area,
        doctor=patient.doctor,
    )
    if place.old_holds and (offered := await _offered(tx, patient.id, doctor_id, starts_at, mode)):
        return (await seen_by(tx, actor, offered, trace=False)).appointment
    ends = patient.at + timedelta(minutes=minutes)
    held = await insert(
        tx,
        actor,
        patient,
        place,
        doctor_id=doctor_id,
        starts_at=starts_at,
        mode=mode,
        status="held",
        expires_at=ends,
        area=area,
        policy=patient.policy,
    )
    audit.note(tx, actor.account_id, "hold", "appointment", held.id, whose=held.patient_id)
    announce(tx, AppointmentHeld(held.id, doctor_id))
    later(tx, HoldEnds(held.id), run_at=ends)
    return held


async def _offered(tx: ClinicTx, patient_id: UUID, doctor_id: UUID, starts_at: datetime, mode: Mode) -> UUID | None:
    """This very time may be hers already, for longer than she would get it now."""
    found: UUID | None = await tx.value(
        "SELECT id FROM appointments WHERE patient_id = :patient_id AND doctor_id = :doctor_id AND mode = :mode"
        " AND starts_at = :starts_at AND offered AND status = 'held' AND hold_expires_at > now()",
        patient_id=patient_id,
        doctor_id=doctor_id,
        starts_at=starts_at,
        mode=mode,
    )
    return found
