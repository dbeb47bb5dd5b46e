from uuid import UUID

import msgspec

from svastha.domain.notifications.model import AnyTx, Receipt
from svastha.domain.notifications.stop import stop
from svastha.domain.notifications.turn import failed, next_turn


class _Message(msgspec.Struct, frozen=True):
    id: UUID
    told_id: UUID
    place: int
    state: str


async def receive(tx: AnyTx, receipt: Receipt) -> None:
    """What a provider reports. Silent for what we never sent; a report that comes late or twice changes nothing."""
    message = await tx.maybe(
        _Message,
        "SELECT id, told_id, place, state FROM messages WHERE channel = :channel"
        " AND (id = :id OR :id::uuid IS NULL AND provider_id = :provider_id) ORDER BY id LIMIT 1 FOR UPDATE",
        channel=receipt.channel,
        id=receipt.message_id,
        provider_id=receipt.provider_id,
    )
    if message is None:
        return
    if receipt.arrived and message.state != "delivered":
        await tx.run(
            "UPDATE messages SET state = 'delivered', state_at = now(), sent_at = coalesce(sent_at, now()),"
            " reason = NULL, sealed = CASE WHEN NOT secret THEN sealed END WHERE id = :id",
            id=message.id,
        )
        await stop(tx, message.told_id)
    elif not receipt.arrived and message.state in ("queued", "sent", "unknown"):
        await failed(tx, message.id, receipt.reason)
        await next_turn(tx, message.told_id, after=message.place)
