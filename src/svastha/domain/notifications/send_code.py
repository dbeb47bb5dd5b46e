from svastha.domain import accounts
from svastha.domain.notifications.model import Recipient
from svastha.domain.notifications.send import send
from svastha.kit.db import ControlTx


async def send_code(tx: ControlTx, event: accounts.CodeWanted, *, site: str) -> None:
    """To a new address a code; to one that has an account a hint, so that the page need not tell the two apart."""
    person = await tx.one(Recipient, _RECIPIENT, id=event.account_id)
    name: str = await tx.value("SELECT name FROM accounts WHERE id = :id", id=event.account_id)
    if event.known:
        await send(tx, person, "already_registered", name=name, url=f"{site}/sign-in")
    else:
        await send(tx, person, "confirm_email", name=name, code=await accounts.issue_code(tx, event.account_id))


_RECIPIENT = "SELECT id AS account_id, email::text AS email, locale FROM accounts WHERE id = :id"
