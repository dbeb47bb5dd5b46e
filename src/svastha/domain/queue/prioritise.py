from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.queue.access import locked, typed
from svastha.domain.queue.model import Priority, QueueMoved
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def prioritise(tx: ClinicTx, actor: Actor, appointment_id: UUID, priority: Priority, *, why: str = "") -> None:
    """Who must not wait goes first, for a reason that is kept; ``none`` takes it back."""
    reason = typed(why).encode() if priority != "none" else None
    turn, _, _ = await locked(tx, actor, appointment_id)
    sealed = tx.vault.seal("queue_entries", "priority_why", appointment_id, reason) if reason else None
    await tx.run(
        "UPDATE queue_entries SET priority = :priority, priority_why = :why, priority_by = :me,"
        " skipped_at = CASE WHEN :priority = 'none' THEN skipped_at END,"
        " due_at = CASE WHEN :priority = 'none' THEN due_at ELSE first_due_at END WHERE appointment_id = :id",
        id=appointment_id,
        priority=priority,
        why=sealed,
        me=actor.account_id,
    )
    audit.note(tx, actor.account_id, "prioritise", "appointment", appointment_id, whose=turn.patient_id)
    announce(tx, QueueMoved(appointment_id, turn.doctor_id))
