from collections.abc import Sequence

from svastha.domain.notifications.model import AnyTx, Attachment, Recipient
from svastha.domain.notifications.plan import plan
from svastha.kit.ids import uuid7


async def send(
    tx: AnyTx, to: Recipient, template: str, *, attachments: Sequence[Attachment] = (), **words: str
) -> None:
    """Write a message in the recipient's language, to be delivered once this transaction has committed.

    By e-mail; for somebody without an address, by the channels she prefers, one after the other until it arrives.
    """
    channels = ("email",) if to.email else to.prefers
    await plan(tx, to, template, channels, words, told_id=uuid7(), attachments=attachments)
