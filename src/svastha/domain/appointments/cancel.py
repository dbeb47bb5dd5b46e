from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, AppointmentCancelled, NotPossibleNow
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def cancel(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, why: str | None = None) -> Appointment:
    """By its patient, its doctor or the desk, until it would be over. From the commit on the time is free for anybody.

    ``why`` is for the patient to read, and kept in clear: what she herself says of it is not kept at all.
    """
    seen = await seen_by(tx, actor, appointment_id)
    visit = seen.appointment
    if visit.status != "cancelled" and visit.ends_at <= now():
        raise NotPossibleNow(visit_status=visit.status)
    was = await advance(tx, actor, visit.id, visit.doctor_id, "cancelled", why=None if seen.as_patient else why)
    if was not in ("held", "cancelled"):
        announce(tx, AppointmentCancelled(visit.id, visit.doctor_id, was))
    return msgspec.structs.replace(visit, status="cancelled", hold_expires_at=None)
