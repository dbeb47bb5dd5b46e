import asyncio
from datetime import timedelta
from uuid import UUID

import msgspec

from svastha.domain.notifications.heard import Stopped
from svastha.domain.notifications.model import AnyTx, Channel, Contents, Deliver, FallBack
from svastha.domain.notifications.ports import Letter, Unreachable, Ways
from svastha.domain.notifications.stop import stop
from svastha.domain.notifications.turn import failed, next_turn
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import later

SECONDS = 20  # for the whole conversation: this transaction is open meanwhile, and must outlive it
PATIENCE = timedelta(seconds=15)  # for the first receipt, twice as long for each that follows


class _Message(msgspec.Struct, frozen=True):
    id: UUID
    told_id: UUID
    place: int
    channel: Channel
    template: str
    sealed: bytes | None
    unsealed: dict[str, object] | None
    over: bool


async def deliver(tx: AnyTx, job: Deliver, *, ways: Ways, stopped: Stopped | None = None) -> None:
    """Send, then record. A worker that dies between the two sends again. ``stopped``: whether a number wants nothing
    by this channel any more, which is asked in the last moment.

    What this channel cannot do, or cannot do now, goes to the next one; the last is tried again.
    """
    message = await tx.maybe(
        _Message,
        "SELECT id, told_id, place, channel, template, sealed, unsealed,"
        " coalesce(expires_at <= now(), false) AS over FROM messages WHERE id = :id AND state = 'queued' FOR UPDATE",
        id=job.message_id,
    )
    if message is None:
        return
    if message.over:
        await stop(tx, message.told_id, also=message.id)
        return
    try:
        way = ways.get(message.channel)
        if way is None:
            raise Unreachable("channel_off")
        letter = _letter(tx, message)
        if stopped and message.channel != "email" and await stopped(tx, message.channel, letter.to):
            raise Unreachable("stopped_by_reply")
        async with asyncio.timeout(SECONDS):
            provider_id = await way.send(letter)
    except Unreachable as refused:
        await failed(tx, message.id, refused.reason)
        await next_turn(tx, message.told_id, after=message.place)
        return
    except Exception as trouble:
        if not await next_turn(tx, message.told_id, after=message.place):
            raise
        await failed(tx, message.id, type(trouble).__name__)
        return
    await _sent(tx, message, provider_id)


def _letter(tx: AnyTx, message: _Message) -> Letter:
    if message.sealed is not None:
        contents = msgspec.json.decode(tx.vault.open("messages", "sealed", message.id, message.sealed), type=Contents)
    else:
        contents = msgspec.convert(message.unsealed, Contents)
    return Letter(
        message.id,
        contents.address,
        contents.subject,
        contents.body,
        message.template,
        contents.locale,
        contents.values,
        contents.code,
        contents.attachments,
        tx.clinic.slug if isinstance(tx, ClinicTx) else "",
    )


async def _sent(tx: AnyTx, message: _Message, provider_id: str) -> None:
    await tx.run(
        "UPDATE messages SET state = 'sent', state_at = now(), sent_at = now(), provider_id = nullif(:provider_id, ''),"
        " sealed = CASE WHEN NOT secret THEN sealed END, unsealed = NULL WHERE id = :id",
        id=message.id,
        provider_id=provider_id,
    )
    if message.channel == "email":  # nobody reports what becomes of a mail: taken is as good as it gets
        await stop(tx, message.told_id, waiting_only=True)
    else:
        later(tx, FallBack(message.id), run_at=now() + PATIENCE * 2**message.place)
