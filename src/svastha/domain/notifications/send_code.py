from svastha.domain import accounts
from svastha.domain.notifications.model import Recipient
from svastha.domain.notifications.send import send
from svastha.kit.db import ControlTx


async def send_code(tx: ControlTx, event: accounts.CodeWanted, *, site: str) -> None:
    """To a new address a code; to one that has an account a hint, so that the page need not tell the two apart."""
    if event.account_id:
        person = await tx.one(Recipient, _RECIPIENT, id=event.account_id)
        name: str = await tx.value("SELECT name FROM accounts WHERE id = :id", id=event.account_id)
        await send(tx, person, "already_registered", name=name, url=f"{site}/sign-in")
    elif issued := await accounts.issue_code(tx, event.sign_up_id):
        await send(tx, Recipient(None, issued.email, issued.locale), "confirm_email", code=issued.code)


_RECIPIENT = "SELECT id AS account_id, email::text AS email, locale FROM accounts WHERE id = :id"
