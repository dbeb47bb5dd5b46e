from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, NotPossibleNow
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def no_show(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The patient did not come. Said by her doctor or the desk, once the visit should have begun."""
    seen = await seen_by(tx, actor, appointment_id)
    if seen.as_patient:
        raise NotFound
    visit = seen.appointment
    if visit.starts_at > now():
        raise NotPossibleNow(visit_status=visit.status)
    await advance(tx, actor, visit.id, visit.doctor_id, "no_show")
    return msgspec.structs.replace(visit, status="no_show")
