"""Somebody has lost her second factor, and her recovery codes with it.

A platform admin who has checked who she is lets a link be sent to her; she is told at all her addresses. The link alone
opens nothing: she signs in with her first factor, opens it within a day, and sets up a new second one.
"""

import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit, factors
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.model import SignedIn
from svastha.domain.accounts.proven import challenged, sign_in_proven
from svastha.domain.accounts.sessions import end_all
from svastha.domain.accounts.suspend import NotYourOwn, reason_of
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, NotFound

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
GOOD_FOR = timedelta(hours=24)


class FactorResetWanted(msgspec.Struct, frozen=True):
    """The link is to be sent, and a notice to her other addresses."""

    reset_id: UUID


class NothingToReset(Conflict):
    code = "nothing_to_reset"
    says = N_("This account has no second factor.")


class ResetOver(NotFound):
    code = "reset_over"
    says = N_("This link was used or has run out, or it is for another account.")
    commits = True  # the try is counted


class IssuedReset(msgspec.Struct, frozen=True):
    account_id: UUID
    secret: str
    expires_at: datetime


async def start_factor_reset(tx: ControlTx, actor: Actor, account_id: UUID, *, why: str) -> None:
    """``why``: how it was checked that it is she. Raises Invalid, NotYourOwn, NotFound, NothingToReset. A link sent
    before is worth nothing any more."""
    why = reason_of(why)
    if account_id == actor.account_id:
        raise NotYourOwn
    if not await tx.value(
        "SELECT 1 FROM accounts WHERE id = :id AND suspended_at IS NULL AND closed_at IS NULL", id=account_id
    ):
        raise NotFound
    if not await factors.enrolled(tx, [account_id]):
        raise NothingToReset
    id = uuid7()
    await tx.run(
        "UPDATE factor_resets SET expires_at = now() WHERE account_id = :account_id AND expires_at > now()",
        account_id=account_id,
    )
    await tx.run(
        "INSERT INTO factor_resets (id, account_id, asked_by, expires_at)"
        " VALUES (:id, :account_id, :by, now() + :good_for)",
        id=id,
        account_id=account_id,
        by=actor.account_id,
        good_for=GOOD_FOR,
    )
    audit.note(tx, actor.account_id, "start_factor_reset", "account", account_id, whose=account_id, why=why)
    announce(tx, FactorResetWanted(id))


async def issue_factor_reset(tx: ControlTx, reset_id: UUID) -> IssuedReset | None:
    """The secret of the link; None if it is over."""
    secret = secrets.token_urlsafe(32)
    found = await tx.maybe(
        _Row,
        "UPDATE factor_resets SET token_hash = :hash WHERE id = :id AND used_at IS NULL AND expires_at > now()"
        " RETURNING account_id, expires_at",
        id=reset_id,
        hash=digest(secret),
    )
    return IssuedReset(found.account_id, secret, found.expires_at) if found else None


class _Row(msgspec.Struct, frozen=True):
    account_id: UUID
    expires_at: datetime


async def finish_factor_reset(tx: ControlTx, challenge: str, secret: str, visitor: Visitor, *, kind: str) -> SignedIn:
    """Her old factors are gone, her sessions ended, and she is in with the first factor, to set up a new one.

    ``challenge``: that she has shown the first factor a moment ago. Raises ChallengeOver, ResetOver.
    """
    who = await challenged(tx, challenge, kind=kind)
    used = _SECRET.fullmatch(secret) and await tx.run(
        "UPDATE factor_resets SET used_at = now() WHERE token_hash = :hash AND account_id = :account_id"
        " AND used_at IS NULL AND expires_at > now()",
        hash=digest(secret),
        account_id=who.account_id,
    )
    if not used:
        raise ResetOver
    await factors.reset(tx, who.account_id)
    await end_all(tx, who.account_id, why="second factor reset")
    return await sign_in_proven(tx, who.account_id, visitor, method=who.method, kind=kind)
