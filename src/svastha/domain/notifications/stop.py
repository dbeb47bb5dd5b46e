from uuid import UUID

from svastha.domain.notifications.model import AnyTx


async def stop(tx: AnyTx, told_id: UUID, *, also: UUID | None = None, waiting_only: bool = False) -> None:
    """It arrived, was used or is of no use any more: what was not sent yet stays here, and its text is forgotten.

    A copy that is being sent at this moment goes out; ``also`` names one whose row the caller holds.
    """
    await tx.run(
        """
        UPDATE messages SET state = 'stopped', state_at = now(), sealed = NULL, unsealed = NULL
        WHERE id = :also OR id IN (
            SELECT id FROM messages
            WHERE told_id = :told_id AND (state = 'waiting' OR state = 'queued' AND NOT :waiting_only)
            ORDER BY place FOR UPDATE SKIP LOCKED
        )
        """,
        told_id=told_id,
        also=also,
        waiting_only=waiting_only,
    )
