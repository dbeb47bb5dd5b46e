from svastha.domain import accounts
from svastha.domain.notifications.recipient import recipient_of
from svastha.domain.notifications.send import send
from svastha.kit.db import ControlTx


async def tell_connected(tx: ControlTx, event: accounts.IdentityConnected, *, site: str) -> None:
    """To the owner of the account: if somebody else connected it, she hears of it."""
    name: str = await tx.value("SELECT name FROM accounts WHERE id = :id", id=event.account_id)
    to, url = await recipient_of(tx, event.account_id), f"{site}/security/identities"
    await send(tx, to, "identity_connected", name=name, label=event.label, url=url)
