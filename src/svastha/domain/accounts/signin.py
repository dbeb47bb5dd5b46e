from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import attempts, passwords
from svastha.domain.accounts.model import EmailUnverified, SignedIn, TooManyAttempts, WrongSignIn
from svastha.domain.accounts.sessions import open_session
from svastha.kit.db import ControlTx


class _SignUp(msgspec.Struct, frozen=True):
    id: UUID
    password_hash: str


class _Found(msgspec.Struct, frozen=True):
    account_id: UUID | None
    password_hash: str | None
    sign_ups: list[dict[str, Any]]


class Credentials(msgspec.Struct, frozen=True):
    """What there is to sign in with at this address: an account, and sign-ups that wait for their code."""

    email: str
    account_id: UUID | None
    password_hash: str | None
    sign_ups: list[_SignUp]


class Proof(msgspec.Struct, frozen=True):
    """What a password turned out to be: ``right`` for the account, or that of a sign-up that waits."""

    email: str
    account_id: UUID | None
    right: bool
    sign_up_id: UUID | None = None


async def credentials_of(tx: ControlTx, email: str) -> Credentials:
    """Only reads, and outside of any transaction: no connection is to be held while ``prove`` takes its time."""
    email = email.strip()[:254].replace("\x00", "")
    if await attempts.too_many(tx, "password", email):
        raise TooManyAttempts(retry_after=300)
    found = await tx.one(
        _Found,
        """
        SELECT a.id AS account_id, a.password_hash, coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', s.id, 'password_hash', s.password_hash)) FROM
            (SELECT id, password_hash FROM sign_ups WHERE email = :email ORDER BY id DESC LIMIT 3) s), '[]') AS sign_ups
        FROM (SELECT 1) one LEFT JOIN accounts a ON a.email = :email AND a.suspended_at IS NULL
        """,
        email=email,
    )
    return Credentials(email, found.account_id, found.password_hash, msgspec.convert(found.sign_ups, list[_SignUp]))


async def prove(found: Credentials, password: str) -> Proof:
    """As slow for an address nobody has as for any other. Raises Busy if too many wait already."""
    password = password[: passwords.LONGEST + 1]
    if await passwords.matches(found.password_hash, password):
        return Proof(found.email, found.account_id, True)
    for sign_up in found.sign_ups:
        # Also for an address with an account: else the answer would tell a stranger who signed up that there is one.
        if await passwords.matches(sign_up.password_hash, password):
            return Proof(found.email, found.account_id, False, sign_up.id)
    return Proof(found.email, found.account_id, False)


async def sign_in(tx: ControlTx, proof: Proof, *, kind: str, user_agent: str = "") -> SignedIn:
    """``kind`` is ``browser`` or ``api``. One refusal for every reason."""
    await attempts.one_at_a_time(tx, proof.email)
    if await attempts.too_many(tx, "password", proof.email):  # again: others were tried meanwhile
        raise TooManyAttempts(retry_after=300)
    if proof.sign_up_id:
        raise EmailUnverified(proof.sign_up_id)
    if not proof.right or not proof.account_id:
        await attempts.count(tx, "password", proof.email)
        audit.note(tx, proof.account_id, "sign_in_failed", "account", proof.account_id or "unknown")
        raise WrongSignIn
    await attempts.forgive(tx, "password", proof.email)
    audit.note(tx, proof.account_id, "sign_in", "account", proof.account_id)
    return await open_session(tx, proof.account_id, kind=kind, user_agent=user_agent)
