import asyncio
from uuid import UUID

import msgspec

from svastha.domain.notifications.model import Attachment, Deliver
from svastha.domain.notifications.ports import Letter, Post
from svastha.kit.db import Tx

SECONDS = 20  # for the whole conversation: this transaction is open meanwhile, and must outlive it


class _Message(msgspec.Struct, frozen=True):
    id: UUID
    address: str
    subject: str
    body: str
    attachments: list[dict[str, str]]


async def deliver(tx: Tx, job: Deliver, *, post: Post) -> None:
    """Send, then record. A worker that dies between the two sends again, under the same Message-ID."""
    waiting = await tx.maybe(
        _Message,
        "SELECT id, address, subject, body, attachments FROM messages WHERE id = :id AND sent_at IS NULL FOR UPDATE",
        id=job.message_id,
    )
    if waiting is None:
        return
    attachments = tuple(msgspec.convert(waiting.attachments, list[Attachment]))
    async with asyncio.timeout(SECONDS):
        await post.send(Letter(waiting.id, waiting.address, waiting.subject, waiting.body, attachments))
    await tx.run(
        "UPDATE messages SET sent_at = now(), body = CASE template WHEN 'confirm_email' THEN '' ELSE body END"
        " WHERE id = :id",
        id=waiting.id,
    )
