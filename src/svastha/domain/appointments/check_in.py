from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.model import Appointment
from svastha.kit.db import ClinicTx


async def check_in(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The patient is here: in the waiting room, or at the desk that says so."""
    visit = (await seen_by(tx, actor, appointment_id)).appointment
    await advance(tx, actor, visit.id, visit.doctor_id, "checked_in")
    return msgspec.structs.replace(visit, status="checked_in")
