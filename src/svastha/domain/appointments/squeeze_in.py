from datetime import datetime
from uuid import UUID

from svastha.domain import audit, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.book import checked
from svastha.domain.appointments.insert import insert
from svastha.domain.appointments.model import Appointment, AppointmentBooked
from svastha.domain.appointments.patient_for import patient_for
from svastha.domain.appointments.remind import plan_reminders
from svastha.domain.appointments.typed import LEAST, typed
from svastha.domain.schedule import Mode, NotOffered
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def squeeze_in(
    tx: ClinicTx,
    actor: Actor,
    *,
    doctor_id: UUID,
    patient_id: UUID,
    starts_at: datetime,
    mode: Mode,
    why: str,
    reason: str | None = None,
    area: str | None = None,
) -> Appointment:
    """A visit at a time that is not free, by the desk or the doctor herself, over whatever else is then. ``why`` is
    kept with the visit, for the patient to read as well; ``reason`` is why she comes. She herself cannot be in two
    places: raises AlreadyBooked, NotOffered, Invalid."""
    said, reason = typed(why, least=LEAST), checked(reason)
    patient = await patient_for(tx, actor, doctor_id, patient_id)
    place = await schedule.squeeze(tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at)
    if place.ends_at <= now():
        raise NotOffered(alternatives=[])
    booked = await insert(
        tx,
        actor,
        patient,
        place,
        doctor_id=doctor_id,
        starts_at=starts_at,
        mode=mode,
        status="confirmed",
        reason=reason,
        why=said,
        placed="squeezed",
        area=area,
    )
    audit.note(tx, actor.account_id, "squeeze_in", "appointment", booked.id, whose=patient.id)
    announce(tx, AppointmentBooked(booked.id, doctor_id))
    await plan_reminders(tx, booked.id, patient.id, starts_at)
    return booked
