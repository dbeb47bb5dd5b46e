from uuid import UUID

from svastha.domain.notifications.model import AnyTx, Deliver
from svastha.kit.outbox import announce


async def next_turn(tx: AnyTx, told_id: UUID, *, after: int) -> bool:
    """The channel after this one has its turn. False if there is none, or it had it already."""
    id: UUID | None = await tx.value(
        "UPDATE messages SET state = 'queued', state_at = now()"
        " WHERE told_id = :told_id AND place = :place AND state = 'waiting' RETURNING id",
        told_id=told_id,
        place=after + 1,
    )
    if id:
        announce(tx, Deliver(id))
    return id is not None


async def failed(tx: AnyTx, message_id: UUID, reason: str) -> None:
    await tx.run(
        "UPDATE messages SET state = 'failed', state_at = now(), reason = :reason,"
        " sealed = CASE WHEN NOT secret THEN sealed END, unsealed = NULL WHERE id = :id",
        id=message_id,
        reason=reason[:80],
    )
