from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.queue.access import locked
from svastha.domain.queue.call import call
from svastha.domain.queue.model import NotWaiting, QueueMoved, Turn
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def recall(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Turn:
    """Who was skipped is back, and has the place she had; who was called and did not hear it is called again. Nobody
    else can be called back."""
    turn, _, _ = await locked(tx, actor, appointment_id)
    audit.note(tx, actor.account_id, "recall", "appointment", appointment_id, whose=turn.patient_id)
    if turn.called_at:
        return await call(tx, actor, turn)
    if not turn.skipped_at:
        raise NotWaiting
    await tx.run(
        "UPDATE queue_entries SET skipped_at = NULL, due_at = first_due_at WHERE appointment_id = :id",
        id=appointment_id,
    )
    announce(tx, QueueMoved(appointment_id, turn.doctor_id))
    return msgspec.structs.replace(turn, skipped_at=None, due_at=turn.first_due_at)
