from uuid import UUID

import msgspec

from svastha.domain.notifications.model import AnyTx, FallBack
from svastha.domain.notifications.turn import next_turn


class _Sent(msgspec.Struct, frozen=True):
    told_id: UUID
    place: int


async def fall_back(tx: AnyTx, job: FallBack) -> None:
    """Sent a while ago, and no word that it arrived: the next channel has its turn."""
    silent = await tx.maybe(
        _Sent, "SELECT told_id, place FROM messages WHERE id = :id AND state = 'sent' FOR UPDATE", id=job.message_id
    )
    if silent:
        await next_turn(tx, silent.told_id, after=silent.place)
