"""What somebody answers to a message: STOP turns this channel off for her number, START turns it on again."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from svastha.domain import accounts, audit, keys
from svastha.domain.accounts import Address
from svastha.domain.notifications.model import AnyTx, Channel
from svastha.domain.notifications.preferences import preferences_of
from svastha.domain.notifications.recipient import recipient_of
from svastha.domain.notifications.send import send
from svastha.kit.db import ControlTx
from svastha.kit.refusals import Invalid

STOP = {"stop", "stop all", "stopall", "unsubscribe", "बंद", "बंद करें", "बंद करो", "रोकें", "रोको"}
START = {"start", "unstop", "शुरू", "शुरू करें", "चालू", "चालू करें"}
NAMES: dict[Channel, str] = {"sms": "SMS", "whatsapp": "WhatsApp"}

Stopped = Callable[[AnyTx, Channel, str], Awaitable[bool]]


async def heard(tx: ControlTx, channel: Channel, number: str, text: str, *, site: str) -> None:
    """``number`` as the provider writes it. Anything but one of these words, or from a number nobody has verified, is
    left alone; the same word twice changes nothing. She is told by what is left of her channels."""
    word = " ".join(text.lower().strip(" .!\"'।").split())
    contact_id = await _contact(tx, number) if word in STOP | START else None
    if contact_id is None:
        return
    turn = _off if word in STOP else _on
    if not await turn(tx, contact_id, channel):
        return
    account_id: UUID = await tx.value("SELECT account_id FROM contacts WHERE id = :id", id=contact_id)
    what = "channel_stopped" if turn is _off else "channel_started"
    audit.note(tx, account_id, what, "account", account_id, whose=account_id, why=channel)
    name = (await accounts.reached(tx, account_id)).name
    to = await recipient_of(tx, account_id)
    await send(tx, to, what, name=name, channel=NAMES[channel], url=f"{site}/security/channels")


async def stopped(tx: ControlTx, channel: Channel, number: str) -> bool:
    """Does nobody want a message at this number (E.164) by this channel any more?"""
    return bool(
        await tx.value(
            "SELECT 1 FROM stopped_channels s JOIN contact_indexes i ON i.contact_id = s.contact_id"
            " WHERE i.index = ANY(:indexes::bytea[]) AND s.channel = :channel LIMIT 1",
            indexes=await keys.indexes_for_reading(tx, "phone", number),
            channel=channel,
        )
    )


async def _contact(tx: ControlTx, number: str) -> UUID | None:
    try:
        address = accounts.address_of("+" + number.strip().lstrip("+")[:20])
    except Invalid:
        return None
    owner = await accounts.owner_of(tx, address)
    held = await accounts.contacts_of(tx, owner) if owner else []
    return next((one.id for one in held if Address(one.kind, one.value) == address), None)


async def _off(tx: ControlTx, contact_id: UUID, channel: Channel) -> bool:
    return bool(
        await tx.run(
            "INSERT INTO stopped_channels (contact_id, channel) VALUES (:id, :channel) ON CONFLICT DO NOTHING",
            id=contact_id,
            channel=channel,
        )
    )


async def _on(tx: ControlTx, contact_id: UUID, channel: Channel) -> bool:
    """On again where it was off, and for WhatsApp also where it never was on: writing there is asking for it."""
    was_off = await tx.run(
        "DELETE FROM stopped_channels WHERE contact_id = :id AND channel = :channel", id=contact_id, channel=channel
    )
    account_id: UUID = await tx.value("SELECT account_id FROM contacts WHERE id = :id", id=contact_id)
    wanted = await preferences_of(tx, account_id)
    if channel in wanted.channels:
        return bool(was_off)
    await tx.run(
        "INSERT INTO message_preferences (account_id, channels) VALUES (:id, :channels)"
        " ON CONFLICT (account_id) DO UPDATE SET channels = message_preferences.channels || :channel::text"
        " WHERE NOT :channel::text = ANY(message_preferences.channels)",
        id=account_id,
        channels=[*wanted.channels, channel],
        channel=channel,
    )
    return True
