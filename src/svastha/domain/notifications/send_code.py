from datetime import timedelta

from svastha.domain import accounts
from svastha.domain.notifications.model import Recipient
from svastha.domain.notifications.recipient import recipient_of
from svastha.domain.notifications.send import send
from svastha.domain.notifications.send_secret import send_secret
from svastha.domain.notifications.stop import stop
from svastha.kit.clock import now
from svastha.kit.db import ControlTx

GOOD_FOR = timedelta(minutes=accounts.CODE_MINUTES)  # and of a link: what a message says is what counts


async def send_code(tx: ControlTx, event: accounts.CodeWanted, *, site: str) -> None:
    """To a new address a code; to one that has an account a hint, so that the page need not tell the two apart."""
    if event.account_id:
        person = await recipient_of(tx, event.account_id)
        name: str = await tx.value("SELECT name FROM accounts WHERE id = :id", id=event.account_id)
        await send(tx, person, "already_registered", name=name, url=f"{site}/sign-in")
    elif issued := await accounts.issue_code(tx, event):
        if issued.account_id:
            to = await recipient_of(tx, issued.account_id)
        else:
            assert issued.address
            to = Recipient.at(None, issued.locale, {issued.address.kind: issued.address.value})
        await send_secret(
            tx,
            to,
            "confirm_email" if event.purpose == "sign_up" else "one_time_code",
            expires_at=now() + GOOD_FOR,
            all_at_once=event.all_at_once or to.all_at_once,
            told_id=issued.told_id,
            code=issued.code,
            host=host_of(site),
        )


async def code_spent(tx: ControlTx, event: accounts.CodeSpent) -> None:
    """Nobody needs it any more by another channel."""
    await stop(tx, event.told_id)


async def send_link(tx: ControlTx, event: accounts.LinkWanted, *, site: str) -> None:
    """A link that signs in, by mail alone."""
    issued = await accounts.issue_link(tx, event)
    if issued:
        to = await recipient_of(tx, issued.account_id)
        await send_secret(
            tx, to, "sign_in_link", expires_at=now() + GOOD_FOR, url=f"{site}/sign-in/link/{issued.token}"
        )


def host_of(site: str) -> str:
    """What the browser compares with its own address before it offers the code of an SMS."""
    return site.partition("://")[2].partition(":")[0]
