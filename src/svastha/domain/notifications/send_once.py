from datetime import datetime
from uuid import UUID

from svastha.domain.notifications.model import AnyTx, Channel, Expire, Recipient
from svastha.domain.notifications.plan import plan
from svastha.kit.ids import uuid7
from svastha.kit.outbox import later


async def send_once(
    tx: AnyTx,
    to: Recipient,
    template: str,
    *,
    channel: Channel | None = None,
    until: datetime,
    told_id: UUID | None = None,
    **words: str,
) -> bool:
    """A message that is better lost than told twice, such as a reminder: see ``docs/reliability.md``.

    By ``channel`` if she can be reached there, else as any other message; by the next one only after a certain no.
    Nothing of it leaves after ``until``, nor once ``told_id`` was stopped. False if nothing reaches her.
    """
    usual: tuple[Channel, ...] = ("email", *(one for one in to.prefers if one != "email")) if to.email else to.prefers
    ways = (channel, *(one for one in usual if one != channel)) if channel else usual
    told_id = told_id or uuid7()
    reached = await plan(tx, to, template, ways, words, told_id=told_id, expires_at=until, once=True)
    if reached:
        later(tx, Expire(told_id), run_at=until)
    return reached
