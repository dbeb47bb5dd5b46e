from svastha.domain import audit
from svastha.domain.accounts import passwords
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.by_code import shown_code
from svastha.domain.accounts.model import PasswordChanged
from svastha.domain.accounts.sessions import end_all
from svastha.domain.accounts.visitor import Visitor
from svastha.kit import clock
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid


async def new_password(password: str, *about: str) -> str:
    """Its hash, for the verbs below. Slow: before a transaction is open. Raises Invalid for one that is too weak."""
    wrong = await passwords.wrong_with(password, *about)
    if wrong:
        raise Invalid(FieldError("password", wrong))
    return await passwords.hash_password(password)


async def change_password(tx: ControlTx, actor: Actor, password_hash: str) -> None:
    """Ends all other sessions. She has just shown that it is she, and all her addresses are told."""
    await tx.run("UPDATE accounts SET password_hash = :hash WHERE id = :id", hash=password_hash, id=actor.account_id)
    this = await tx.value("SELECT coalesce(parent_id, id) FROM sessions WHERE id = :id", id=actor.session_id)
    await end_all(tx, actor.account_id, why="password changed", but=this)
    audit.note(tx, actor.account_id, "password_changed", "account", actor.account_id, whose=actor.account_id)
    announce(tx, PasswordChanged(actor.account_id, clock.now()))


async def reset_password(tx: ControlTx, contact: str, code: str, password_hash: str, visitor: Visitor) -> None:
    """A forgotten one, with the code that went to an address of hers. Raises WrongCode, TooManyAttempts.

    Ends all sessions and opens none: whoever has a second factor shows it when she signs in.
    """
    account_id = await shown_code(tx, "forgotten", contact, code, visitor)
    await tx.run("UPDATE accounts SET password_hash = :hash WHERE id = :id", hash=password_hash, id=account_id)
    await end_all(tx, account_id, why="password changed")
    audit.note(tx, account_id, "password_changed", "account", account_id, why="forgotten", whose=account_id)
    announce(tx, PasswordChanged(account_id, clock.now()))
