"""Showing once more who one is, before something that matters."""

from uuid import UUID

from svastha.domain import audit, factors
from svastha.domain.accounts import attempts, codes
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.by_code import may_send
from svastha.domain.accounts.contacts import Address, contacts_of
from svastha.domain.accounts.model import CodeWanted, WrongCode, WrongSecondFactor
from svastha.domain.accounts.proven import second_steps
from svastha.domain.accounts.sessions import raise_session
from svastha.domain.accounts.signin import Proof, settle
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict


class NotThisWay(Conflict):
    code = "not_this_way"
    says = N_("Please show your second factor instead.")


async def ways_to_step_up(tx: ControlTx, actor: Actor) -> list[str]:
    """For whoever has a second factor only that: ``passkey``, ``totp``, ``recovery``. Else ``password``, ``code``."""
    second = await second_steps(tx, actor.account_id)
    if second:
        return second
    has: bool = await tx.value("SELECT password_hash IS NOT NULL FROM accounts WHERE id = :id", id=actor.account_id)
    return ["password", "code"] if has else ["code"]


async def step_up_with_password(tx: ControlTx, actor: Actor, proof: Proof) -> str:
    """The browser's next token. Raises WrongSignIn, NotThisWay."""
    await _may(tx, actor, "password")
    await settle(tx, proof)
    return await raise_session(tx, actor, second_factor=False)


async def ask_step_up_code(tx: ControlTx, actor: Actor, visitor: Visitor) -> None:
    """A code goes to her by the channel she prefers. Raises NotThisWay, TooManyAttempts."""
    await _may(tx, actor, "code")
    contact_id = await _contact(tx, actor)
    if contact_id and await may_send(tx, "step_up", Address("account", str(actor.account_id)), visitor):
        announce(tx, CodeWanted("step_up", contact_id))


async def step_up_with_code(tx: ControlTx, actor: Actor, code: str, visitor: Visitor) -> str:
    """With the code that was sent. The browser's next token. Raises WrongCode, NotThisWay, TooManyAttempts."""
    await _may(tx, actor, "code")
    counted = attempts.guesses("code", str(actor.account_id), visitor, known_device=False)
    await attempts.take(tx, *counted)
    contact_id = await _contact(tx, actor)
    if not contact_id or not await codes.spend(tx, "step_up", [contact_id], codes.typed(code)):
        audit.note(tx, actor.account_id, "step_up_failed", "account", actor.account_id, whose=actor.account_id)
        raise WrongCode
    await attempts.forgive(tx, *counted)
    return await raise_session(tx, actor, second_factor=False)


async def step_up_with_factor(tx: ControlTx, actor: Actor, code: str, *, drift: int = 1) -> str:
    """With the code of an app, or a recovery code. Raises WrongSecondFactor, TooManyCodes."""
    if not await factors.check(tx, actor.account_id, code, drift=drift):
        audit.note(tx, actor.account_id, "step_up_failed", "account", actor.account_id, whose=actor.account_id)
        raise WrongSecondFactor
    return await raise_session(tx, actor, second_factor=True)


async def step_up_with_any_code(tx: ControlTx, actor: Actor, code: str, visitor: Visitor, *, drift: int = 1) -> str:
    """Of the second factor for whoever has one, else the one that was sent."""
    if await second_steps(tx, actor.account_id):
        return await step_up_with_factor(tx, actor, code, drift=drift)
    return await step_up_with_code(tx, actor, code, visitor)


async def _may(tx: ControlTx, actor: Actor, way: str) -> None:
    if way not in await ways_to_step_up(tx, actor):
        raise NotThisWay


async def _contact(tx: ControlTx, actor: Actor) -> UUID | None:
    return next((one.id for one in await contacts_of(tx, actor.account_id) if one.verified_at), None)
