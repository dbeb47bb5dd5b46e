from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, NotPossibleNow
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx


async def check_in(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The patient is here: in the waiting room, or at the desk that says so. Of somebody who was missed only staff can
    say it, once the visit would be over. Raises NotPossibleNow."""
    seen = await seen_by(tx, actor, appointment_id)
    visit = seen.appointment
    if seen.as_patient and visit.status == "no_show" and visit.ends_at <= now():
        raise NotPossibleNow(visit_status=visit.status)
    await advance(tx, actor, visit.id, visit.doctor_id, "checked_in")
    return (await seen_by(tx, actor, visit.id, trace=False)).appointment
