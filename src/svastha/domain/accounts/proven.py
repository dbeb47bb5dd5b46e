"""What happens once somebody has shown who she is, by whatever way."""

import secrets
from uuid import UUID

import msgspec

from svastha.domain import audit, factors
from svastha.domain.accounts import devices
from svastha.domain.accounts.model import ChallengeOver, SecondFactorRequired, SignedIn, WrongSecondFactor, WrongSignIn
from svastha.domain.accounts.sessions import open_session
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx

MINUTES, TRIES = 10, 5


class Challenged(msgspec.Struct, frozen=True):
    """Somebody who has shown the first factor by this ``method``, through a door of this ``kind``."""

    account_id: UUID
    kind: str
    method: str


async def sign_in_proven(
    tx: ControlTx,
    account_id: UUID,
    visitor: Visitor,
    *,
    method: str,
    kind: str,
    second_factor: bool = False,
) -> SignedIn:
    """Open a session. ``second_factor``: what was shown was two already, such as a passkey.

    Raises SecondFactorRequired for an account that has one and has not shown it, WrongSignIn for one that was suspended
    or closed. Somebody whose work needs a second factor and who has none gets in; her work's grants do not count yet.
    """
    if not await tx.value(
        "SELECT 1 FROM accounts WHERE id = :id AND suspended_at IS NULL AND closed_at IS NULL", id=account_id
    ):
        audit.note(tx, account_id, "sign_in_failed", "account", account_id, whose=account_id)
        raise WrongSignIn
    if not second_factor and (methods := await second_steps(tx, account_id)):
        raise SecondFactorRequired(challenge=await _challenge(tx, account_id, kind, method), methods=methods)
    device_id = await devices.remember(tx, account_id, device=visitor.device, user_agent=visitor.user_agent)
    audit.note(tx, account_id, "sign_in", "account", account_id, why=method, whose=account_id)
    return await open_session(
        tx,
        account_id,
        kind=kind,
        user_agent=visitor.user_agent,
        address=visitor.address,
        method=method,
        second_factor=second_factor,
        device_id=device_id,
    )


async def second_steps(tx: ControlTx, account_id: UUID) -> list[str]:
    """What this account's second factor can be shown with; empty if it has none."""
    found = await factors.factors_of(tx, account_id)
    if not found.any:
        return []
    known = {"passkey": bool(found.passkeys), "totp": found.totp, "recovery": found.recovery_left > 0}
    return [name for name, there in known.items() if there]


async def _challenge(tx: ControlTx, account_id: UUID, kind: str, method: str) -> str:
    token = secrets.token_urlsafe(32)
    await tx.run(
        "INSERT INTO challenges (token_hash, account_id, kind, method, expires_at)"
        " VALUES (:hash, :account_id, :kind, :method, now() + make_interval(mins => :minutes))",
        hash=digest(token),
        account_id=account_id,
        kind=kind,
        method=method,
        minutes=MINUTES,
    )
    return token


async def challenged(tx: ControlTx, challenge: str, *, kind: str, counts: bool = True) -> Challenged:
    """Who is to show a second factor; each look that ``counts`` is one of five tries, so what refuses then commits.

    Raises ChallengeOver for one that is spent, too old, or of the other kind of door.
    """
    found = await tx.maybe(
        Challenged,
        "UPDATE challenges SET tries = tries + :counted WHERE token_hash = :hash AND kind = :kind"
        " AND tries < :tries AND expires_at > now() RETURNING account_id, kind, method",
        hash=digest(challenge),
        kind=kind,
        counted=int(counts),
        tries=TRIES,
    )
    if found is None:
        raise ChallengeOver
    return found


async def second_factor_shown(
    tx: ControlTx, challenge: str, who: Challenged, visitor: Visitor, *, method: str
) -> SignedIn:
    """The end of it, also for a passkey: the challenge is spent and the session proven with two factors."""
    if not await tx.run("DELETE FROM challenges WHERE token_hash = :hash", hash=digest(challenge)):
        raise ChallengeOver
    return await sign_in_proven(
        tx, who.account_id, visitor, method=f"{who.method}+{method}", kind=who.kind, second_factor=True
    )


async def sign_in_second(
    tx: ControlTx, challenge: str, code: str, visitor: Visitor, *, kind: str, drift: int = 1
) -> SignedIn:
    """With the code of an app, or a recovery code. Raises WrongSecondFactor, ChallengeOver, TooManyCodes."""
    who = await challenged(tx, challenge, kind=kind)
    shown = await factors.check(tx, who.account_id, code, drift=drift)
    if shown is None:
        audit.note(tx, who.account_id, "sign_in_failed", "account", who.account_id, why="second factor")
        raise WrongSecondFactor
    return await second_factor_shown(tx, challenge, who, visitor, method=shown)
