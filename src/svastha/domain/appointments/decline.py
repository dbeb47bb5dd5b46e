from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_at_work, seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment, AppointmentDeclined
from svastha.domain.appointments.typed import LEAST, typed
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def decline(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, why: str) -> Appointment:
    """No to a request; the patient reads why. Raises Invalid, NotPossibleNow."""
    visit = await seen_at_work(tx, actor, appointment_id)
    said = typed(why, least=LEAST)
    was = await advance(tx, actor, visit.id, visit.doctor_id, "declined", why=said)
    if was == "requested":
        announce(tx, AppointmentDeclined(visit.id, visit.doctor_id))
    return (await seen_by(tx, actor, visit.id, trace=False)).appointment
