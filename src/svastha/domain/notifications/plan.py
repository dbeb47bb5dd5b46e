from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.notifications.compose import compose
from svastha.domain.notifications.model import AnyTx, Attachment, Channel, Deliver, Recipient
from svastha.domain.notifications.templates import SHORT
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce


async def plan(
    tx: AnyTx,
    to: Recipient,
    template: str,
    channels: Sequence[Channel],
    words: dict[str, str],
    *,
    told_id: UUID,
    attachments: Sequence[Attachment] = (),
    secret: bool = False,
    all_at_once: bool = False,
    expires_at: datetime | None = None,
    once: bool = False,
) -> bool:
    """One message for each channel that reaches her: the first is on its way, the others wait for their turn.

    False if none does.
    """
    able = [channel for channel in channels if to.address(channel) and (channel == "email" or template in SHORT)]
    for place, channel in enumerate(able):
        id = uuid7()
        contents = compose(to, channel, template, words, attachments)
        goes = all_at_once or place == 0
        await tx.run(
            "INSERT INTO messages"
            " (id, told_id, place, channel, state, account_id, template, secret, once, expires_at, sealed)"
            " VALUES (:id, :told_id, :place, :channel, :state, :account_id, :template, :secret, :once, :expires_at,"
            " :sealed)",
            id=id,
            told_id=told_id,
            place=place,
            channel=channel,
            state="queued" if goes else "waiting",
            account_id=to.account_id,
            template=template,
            secret=secret,
            once=once,
            expires_at=expires_at,
            sealed=tx.vault.seal("messages", "sealed", id, msgspec.json.encode(contents)),
        )
        if goes:
            announce(tx, Deliver(id))
    return bool(able)
