"""Which reminders of visits a person wants, at all clinics, and by which channel."""

from collections.abc import Sequence
from typing import Literal, get_args
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.notifications.model import CHANNELS, Channel
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

Distance = Literal["day", "hour", "minutes"]  # how long before the visit: see ``appointments.distance``
DISTANCES: tuple[Distance, ...] = get_args(Distance)


class Reminders(msgspec.Struct, frozen=True):
    """``wanted``: none at all if empty. ``channel`` None: the way other messages come."""

    wanted: list[Distance]
    channel: Channel | None


ALL = Reminders(list(DISTANCES), None)


async def reminders_of(tx: ControlTx, account_id: UUID | None) -> Reminders:
    """Of somebody without an account, or who never chose: all of them."""
    found = await tx.maybe(
        Reminders, "SELECT wanted, channel FROM reminder_preferences WHERE account_id = :id", id=account_id
    )
    return found or ALL


async def choose_reminders(tx: ControlTx, actor: Actor, wanted: Sequence[str], channel: str | None) -> Reminders:
    """Her own choice. To name ``whatsapp`` is to agree to messages there. Raises Invalid."""
    if not set(wanted) <= set(DISTANCES):
        raise Invalid(FieldError("wanted", N_("Choose from the day before, the hour before and the last minutes.")))
    if channel is not None and channel not in CHANNELS:
        raise Invalid(FieldError("channel", N_("Choose WhatsApp, SMS or e-mail, or leave it open.")))
    chosen = [one for one in DISTANCES if one in wanted]
    await tx.run(
        "INSERT INTO reminder_preferences (account_id, wanted, channel) VALUES (:id, :wanted, :channel)"
        " ON CONFLICT (account_id) DO UPDATE SET wanted = excluded.wanted, channel = excluded.channel",
        id=actor.account_id,
        wanted=chosen,
        channel=channel,
    )
    audit.note(tx, actor.account_id, "change_reminders", "account", actor.account_id)
    return msgspec.convert({"wanted": chosen, "channel": channel}, Reminders)
