from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.queue.access import locked
from svastha.domain.queue.model import QueueMoved
from svastha.domain.queue.order import BEHIND, behind, waiting
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def skip(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> None:
    """She is not there: the next two go first, unless she is called back before."""
    turn, others, _ = await locked(tx, actor, appointment_id)
    at = now()
    await tx.run(
        "UPDATE queue_entries SET skipped_at = :at, due_at = :due, called_at = NULL, called_by = NULL"
        " WHERE appointment_id = :id",
        id=appointment_id,
        at=at,
        due=behind(waiting(others), BEHIND, at=at),
    )
    audit.note(tx, actor.account_id, "skip", "appointment", appointment_id, whose=turn.patient_id)
    announce(tx, QueueMoved(appointment_id, turn.doctor_id))
