from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.queue import days
from svastha.domain.queue.access import may_run, this_day
from svastha.domain.queue.call import call
from svastha.domain.queue.model import NobodyWaits, Turn
from svastha.domain.queue.order import waiting
from svastha.kit.db import ClinicTx


async def call_next(tx: ClinicTx, actor: Actor, doctor_id: UUID) -> Turn:
    """Whose turn it is: her number is on the screen from now on. Two who call at once call two people."""
    may_run(tx.clinic, actor, doctor_id)
    day = this_day(tx)
    await days.lock(tx, doctor_id, day)
    line = waiting(await days.turns(tx, [doctor_id], day))
    if not line:
        raise NobodyWaits
    called = await call(tx, actor, line[0])
    audit.note(tx, actor.account_id, "call", "appointment", called.appointment_id, whose=called.patient_id)
    return called
