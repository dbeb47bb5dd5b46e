from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_at_work, seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment
from svastha.kit.db import ClinicTx


async def undo_check_in(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The patient is not here after all: the check-in was a mistake. Raises NotPossibleNow."""
    visit = await seen_at_work(tx, actor, appointment_id)
    await advance(tx, actor, visit.id, visit.doctor_id, "confirmed", only="checked_in")
    return (await seen_by(tx, actor, visit.id, trace=False)).appointment
