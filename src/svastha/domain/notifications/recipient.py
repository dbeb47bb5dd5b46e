from uuid import UUID

from svastha.domain import accounts
from svastha.domain.notifications.model import Recipient
from svastha.domain.notifications.preferences import preferences_of
from svastha.kit.db import ControlTx


async def recipient_of(tx: ControlTx, account_id: UUID) -> Recipient:
    """A person at the first address of each kind she has verified, in her language, by the channels she prefers."""
    locale: str = await tx.value("SELECT locale FROM accounts WHERE id = :id", id=account_id)
    at: dict[str, str] = {}
    for contact in await accounts.contacts_of(tx, account_id):
        if contact.verified_at:
            at.setdefault(contact.kind, contact.value)
    wants = await preferences_of(tx, account_id)
    return Recipient(
        account_id, locale, at.get("email", ""), at.get("phone", ""), tuple(wants.channels), wants.all_at_once
    )
