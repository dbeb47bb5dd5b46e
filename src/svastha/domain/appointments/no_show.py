from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_at_work, seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, NotPossibleNow
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx


async def no_show(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The patient did not come. Said by her doctor or the desk, once the visit should have begun; her policy
    says what it costs."""
    visit = await seen_at_work(tx, actor, appointment_id)
    if visit.starts_at > now():
        raise NotPossibleNow(visit_status=visit.status)
    await advance(tx, actor, visit.id, visit.doctor_id, "no_show")
    return (await seen_by(tx, actor, visit.id, trace=False)).appointment
