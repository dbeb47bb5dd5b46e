from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, AppointmentCancelled
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def cancel(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, why: str | None = None) -> Appointment:
    """By its patient, its doctor or the desk. From the commit on the time is free for anybody."""
    visit = (await seen_by(tx, actor, appointment_id)).appointment
    was = await advance(tx, actor, visit.id, visit.doctor_id, "cancelled", why=why)
    if was not in ("held", "cancelled"):
        announce(tx, AppointmentCancelled(visit.id, visit.doctor_id, was))
    return (await seen_by(tx, actor, appointment_id)).appointment
