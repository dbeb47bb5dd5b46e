import asyncio
from datetime import timedelta
from uuid import UUID

import msgspec

from svastha.domain.notifications.attempt import Attempts, begun, end_attempt, unsure
from svastha.domain.notifications.heard import Stopped
from svastha.domain.notifications.model import AnyTx, Channel, Contents, Deliver, FallBack
from svastha.domain.notifications.ports import Letter, NotTaken, Unreachable, Way, Ways
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
    once: bool
    over: bool


async def deliver(
    tx: AnyTx, job: Deliver, *, ways: Ways, stopped: Stopped | None = None, attempts: Attempts | None = None
) -> None:
    """Send, then record. A worker that dies between the two sends again, unless the message must not come twice: then
    what became of it stays unknown. ``stopped``: whether a number wants nothing by this channel any more, which is
    asked in the last moment. ``attempts`` writes down that a message is about to leave.

    What this channel cannot do, or cannot do now, goes to the next one; the last is tried again.
    """
    message = await tx.maybe(
        _Message,
        "SELECT id, told_id, place, channel, template, sealed, unsealed, once,"
        " coalesce(expires_at <= now(), false) AS over"
        " FROM messages WHERE id = :id AND state = 'queued' FOR NO KEY UPDATE",
        id=job.message_id,
    )
    if message is None:
        return
    if message.once and await begun(tx, message.id):
        await unsure(tx, message.id, message.channel, "worker_died")
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
        provider_id = await (
            _send(way, letter) if not (message.once and attempts) else _once(tx, way, letter, attempts)
        )
    except Unreachable as refused:
        await failed(tx, message.id, refused.reason)
        await next_turn(tx, message.told_id, after=message.place)
        return
    except Exception as trouble:
        if not await next_turn(tx, message.told_id, after=message.place):
            raise
        await failed(tx, message.id, type(trouble).__name__)
        return
    if provider_id is None:
        await unsure(tx, message.id, message.channel, "no_answer")
    else:
        await _sent(tx, message, provider_id)


async def _send(way: Way, letter: Letter) -> str:
    async with asyncio.timeout(SECONDS):
        return await way.send(letter)


async def _once(tx: AnyTx, way: Way, letter: Letter, attempts: Attempts) -> str | None:
    """None where nobody knows whether it was taken. What certainly was not may be tried again."""
    await attempts.begin(tx, letter.id)
    try:
        return await _send(way, letter)
    except (Unreachable, NotTaken):
        await attempts.end(tx, letter.id)
        raise
    except Exception:
        return None


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
    if message.once:
        await end_attempt(tx, message.id)
    if message.channel == "email":  # nobody reports what becomes of a mail: taken is as good as it gets
        await stop(tx, message.told_id, waiting_only=True)
    elif not message.once:  # silence is no certain no
        later(tx, FallBack(message.id), run_at=now() + PATIENCE * 2**message.place)
