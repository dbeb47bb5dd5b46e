from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, AppointmentCancelled, NotPossibleNow
from svastha.domain.appointments.typed import typed
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def cancel(
    tx: ClinicTx, actor: Actor, appointment_id: UUID, *, why: str | None = None, for_patient: bool = False
) -> Appointment:
    """By its patient, its doctor or the desk, until it would be over; of who has checked in and still waits also after
    that. From the commit on the time is free for anybody.

    ``why`` is for the patient to read, and kept in clear: what she herself says of it is not kept at all. What the
    patient owes is by the policy of the visit; where the clinic cancels nothing, unless she asked for it:
    ``for_patient``.
    """
    seen = await seen_by(tx, actor, appointment_id)
    visit = seen.appointment
    if visit.status not in ("cancelled", "checked_in") and visit.ends_at <= now():
        raise NotPossibleNow(visit_status=visit.status)
    was = await advance(
        tx,
        actor,
        visit.id,
        visit.doctor_id,
        "cancelled",
        why=None if seen.as_patient else typed(why),
        free=not (seen.as_patient or for_patient),
    )
    if was not in ("held", "cancelled"):
        announce(tx, AppointmentCancelled(visit.id, visit.doctor_id, was))
    return (await seen_by(tx, actor, visit.id, trace=False)).appointment
