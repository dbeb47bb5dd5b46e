from datetime import datetime
from uuid import UUID

from svastha.domain.notifications.model import Expire, Recipient
from svastha.domain.notifications.plan import plan
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import later


async def send_secret(
    tx: ControlTx,
    to: Recipient,
    template: str,
    *,
    expires_at: datetime,
    all_at_once: bool = False,
    told_id: UUID | None = None,
    **words: str,
) -> UUID | None:
    """A one-time code or a link, by the first channel she prefers and has an address for; through the next when it
    fails, or is not known to have arrived after 15 s, 30 s, 60 s; or by all at once.

    Returns what ``stop`` takes once the code was used (``told_id``, if that was given), or None when no channel
    reaches her. The text is kept sealed, and only until it was sent, used or has expired.
    """
    told_id = told_id or uuid7()
    reached = await plan(
        tx,
        to,
        template,
        to.prefers,
        words,
        told_id=told_id,
        secret=True,
        all_at_once=all_at_once,
        expires_at=expires_at,
    )
    if not reached:
        return None
    later(tx, Expire(told_id), run_at=expires_at)
    return told_id
