"""A message that must not come twice: that it is about to leave is committed before it does."""

from typing import Protocol
from uuid import UUID

import structlog

from svastha.domain.notifications.model import AnyTx, Channel

log = structlog.get_logger()


class Attempts(Protocol):
    """Both commit at once, in a transaction of their own beside the one that holds the message."""

    async def begin(self, tx: AnyTx, message_id: UUID) -> None: ...

    async def end(self, tx: AnyTx, message_id: UUID) -> None: ...


async def begin_attempt(tx: AnyTx, message_id: UUID) -> None:
    await tx.run("INSERT INTO message_attempts (message_id) VALUES (:id)", id=message_id)


async def end_attempt(tx: AnyTx, message_id: UUID) -> None:
    await tx.run("DELETE FROM message_attempts WHERE message_id = :id", id=message_id)


async def begun(tx: AnyTx, message_id: UUID) -> bool:
    """Has it left, or nearly, without anybody having written down what became of it?"""
    return bool(await tx.value("SELECT 1 FROM message_attempts WHERE message_id = :id", id=message_id))


async def unsure(tx: AnyTx, message_id: UUID, channel: Channel, reason: str) -> None:
    """It may have arrived and will not be repeated: a person can see it, and a report of the provider settles it."""
    log.warning("message_unknown", channel=channel, message=str(message_id), reason=reason)
    await tx.run(
        "UPDATE messages SET state = 'unknown', state_at = now(), reason = :reason,"
        " sealed = CASE WHEN NOT secret THEN sealed END, unsealed = NULL WHERE id = :id",
        id=message_id,
        reason=reason,
    )
    await end_attempt(tx, message_id)
