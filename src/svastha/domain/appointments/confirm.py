from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_at_work, seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, AppointmentBooked, NotPossibleNow
from svastha.domain.appointments.remind import plan_reminders
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def confirm(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """Yes to a request that still waits. Raises NotPossibleNow."""
    visit = await seen_at_work(tx, actor, appointment_id)
    if visit.hold_expires_at and visit.hold_expires_at <= now():
        raise NotPossibleNow(visit_status=visit.status)
    was = await advance(tx, actor, visit.id, visit.doctor_id, "confirmed", only="requested")
    if was == "requested":
        announce(tx, AppointmentBooked(visit.id, visit.doctor_id))
        await plan_reminders(tx, visit.id, visit.patient_id, visit.starts_at)
    return (await seen_by(tx, actor, visit.id, trace=False)).appointment
