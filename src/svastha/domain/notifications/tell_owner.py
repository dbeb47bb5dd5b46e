"""What somebody is told about her own account, so that she notices when it was not she."""

from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from svastha.domain import accounts
from svastha.domain.notifications.model import Recipient
from svastha.domain.notifications.recipient import recipient_of
from svastha.domain.notifications.send import send
from svastha.domain.notifications.send_secret import send_secret
from svastha.kit import clock
from svastha.kit.crypto import sign
from svastha.kit.db import ControlTx
from svastha.kit.i18n import moment_words, zone_words
from svastha.kit.user_agent import device_of

MAY_OBJECT = timedelta(hours=72)


async def tell_new_device(tx: ControlTx, event: accounts.SignedInElsewhere, *, site: str) -> None:
    to = await recipient_of(tx, event.account_id)
    device = ", ".join(word for word in device_of(event.user_agent) if word)
    words = await _words(tx, event.account_id, event.at)
    await send(tx, to, "new_device", device=device or "?", url=f"{site}/security", **words)


async def tell_password_changed(tx: ControlTx, event: accounts.PasswordChanged, *, site: str) -> None:
    to = await recipient_of(tx, event.account_id)
    words = await _words(tx, event.account_id, event.at)
    await send(tx, to, "password_changed", url=f"{site}/forgotten", **words)


async def tell_contact_changed(tx: ControlTx, event: accounts.ContactChanged, *, site: str) -> None:
    """To the address that was replaced, with a link that undoes it."""
    objection = await accounts.issue_objection(tx, event.change_id)
    if objection is None:
        return
    known = await recipient_of(tx, objection.account_id)
    to = Recipient.at(objection.account_id, known.locale, objection.addresses)
    words = await _words(tx, objection.account_id, objection.at)
    url = f"{site}/security/undo/{objection.token}"
    await send_secret(tx, to, "address_changed", expires_at=objection.at + MAY_OBJECT, url=url, **words)


async def tell_closed(tx: ControlTx, event: accounts.AccountClosed, *, site: str, secret: str) -> None:
    """The way back, for as long as there is one."""
    her = await accounts.reached(tx, event.account_id)
    token = sign(secret, "reopen account", (event.account_id, event.closed_at))
    until = moment_words(event.erased_at.astimezone(clock.zone(her.zone, "Asia/Kolkata")), her.locale)
    await send_secret(
        tx,
        await recipient_of(tx, event.account_id),
        "account_closed",
        expires_at=event.erased_at,
        name=her.name,
        until=until,
        url=f"{site}/reopen/{token}",
    )


class _Words(TypedDict):
    name: str
    moment: str
    zone: str


async def _words(tx: ControlTx, account_id: UUID, at: datetime) -> _Words:
    her = await accounts.reached(tx, account_id)
    where = clock.zone(her.zone, "Asia/Kolkata")
    return {
        "name": her.name,
        "moment": moment_words(at.astimezone(where), her.locale),
        "zone": zone_words(where, her.locale),
    }
