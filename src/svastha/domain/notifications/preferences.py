from collections.abc import Sequence
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.notifications.model import CHANNELS, USUAL, Channel
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid


class Preferences(msgspec.Struct, frozen=True):
    """``channels`` best first, WhatsApp only if she asked for it. ``all_at_once``: codes by all of them, instead of by
    the next when one fails. ``stopped``: what she turned off by answering STOP, which is not among ``channels``."""

    channels: list[Channel]
    all_at_once: bool
    stopped: list[Channel]


class _Row(msgspec.Struct, frozen=True):
    channels: list[Channel] | None
    all_at_once: bool
    stopped: list[Channel]


async def preferences_of(tx: ControlTx, account_id: UUID) -> Preferences:
    """By which channels she wants to be reached."""
    row = await tx.one(
        _Row,
        """
        SELECT p.channels, coalesce(p.all_at_once, false) AS all_at_once,
            ARRAY(SELECT DISTINCT s.channel FROM stopped_channels s JOIN contacts c ON c.id = s.contact_id
                WHERE c.account_id = a.id ORDER BY 1) AS stopped
        FROM accounts a LEFT JOIN message_preferences p ON p.account_id = a.id WHERE a.id = :id
        """,
        id=account_id,
    )
    wanted = [channel for channel in row.channels or USUAL if channel not in row.stopped]
    return Preferences(wanted, row.all_at_once, row.stopped)


async def prefer(tx: ControlTx, actor: Actor, channels: Sequence[str], *, all_at_once: bool = False) -> None:
    """Her own choice, best first. To name ``whatsapp`` is to agree to messages there; to name what she had turned off
    turns it on again. Raises Invalid."""
    if not channels or len(set(channels)) != len(channels) or not set(channels) <= set(CHANNELS):
        raise Invalid(FieldError("channels", N_("Choose at least one of WhatsApp, SMS and e-mail, each once.")))
    await tx.run(
        "INSERT INTO message_preferences (account_id, channels, all_at_once) VALUES (:id, :channels, :all_at_once)"
        " ON CONFLICT (account_id) DO UPDATE SET channels = excluded.channels, all_at_once = excluded.all_at_once",
        id=actor.account_id,
        channels=list(channels),
        all_at_once=all_at_once,
    )
    await tx.run(
        "DELETE FROM stopped_channels s USING contacts c"
        " WHERE c.id = s.contact_id AND c.account_id = :id AND s.channel = ANY(:channels::text[])",
        id=actor.account_id,
        channels=list(channels),
    )
    audit.note(tx, actor.account_id, "change_message_preferences", "account", actor.account_id)
