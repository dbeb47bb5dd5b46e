import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.queue.model import NotWaiting, QueueMoved, Turn
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def call(tx: ClinicTx, actor: Actor, turn: Turn) -> Turn:
    """Once more, if she was called before."""
    at = now()
    if not await tx.run(
        "UPDATE queue_entries SET called_at = :at, called_by = :me, calls = calls + 1, skipped_at = NULL"
        " WHERE appointment_id = :id AND doctor_id = :doctor_id",
        id=turn.appointment_id,
        doctor_id=turn.doctor_id,
        at=at,
        me=actor.account_id,
    ):
        raise NotWaiting
    announce(tx, QueueMoved(turn.appointment_id, turn.doctor_id))
    return msgspec.structs.replace(turn, called_at=at, calls=turn.calls + 1, skipped_at=None)
