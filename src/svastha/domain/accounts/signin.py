from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit, keys
from svastha.domain.accounts import attempts, devices, passwords
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.attempts import Counted
from svastha.domain.accounts.contacts import Address, address_of, owner_of
from svastha.domain.accounts.model import EmailUnverified, SignedIn, WrongSignIn
from svastha.domain.accounts.proven import sign_in_proven
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.db import ControlTx
from svastha.kit.refusals import Invalid


class _SignUp(msgspec.Struct, frozen=True):
    id: UUID
    password_hash: str


class _Found(msgspec.Struct, frozen=True):
    account_id: UUID | None
    password_hash: str | None
    known_device: bool
    sign_ups: list[dict[str, Any]]


class Credentials(msgspec.Struct, frozen=True):
    """What there is to sign in with at this address: an account, and sign-ups that wait for their code."""

    counted: tuple[Counted, ...]
    account_id: UUID | None
    password_hash: str | None
    sign_ups: list[_SignUp]


class Proof(msgspec.Struct, frozen=True):
    """What a password turned out to be: ``right`` for the account, or that of a sign-up that waits.

    ``better_hash`` replaces one that was made with weaker parameters than we use today.
    """

    counted: tuple[Counted, ...]
    account_id: UUID | None
    password_hash: str | None
    right: bool
    sign_up_id: UUID | None = None
    better_hash: str | None = None


async def credentials_of(tx: ControlTx, contact: str, visitor: Visitor) -> Credentials:
    """Counts this attempt, before the password is looked at. Then the transaction ends: no connection is to be held
    while ``prove`` takes its time. Raises TooManyAttempts."""
    try:
        address = address_of(contact)
    except Invalid:
        address = Address("none", contact.strip()[:254].replace("\x00", ""))
    found = await tx.one(
        _Found,
        """
        SELECT a.id AS account_id, a.password_hash,
            EXISTS (SELECT 1 FROM devices d WHERE d.account_id = a.id AND d.token_hash = :device) AS known_device,
            coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', s.id, 'password_hash', s.password_hash)) FROM
            (SELECT id, password_hash FROM sign_ups WHERE index = ANY(:indexes::bytea[]) AND password_hash IS NOT NULL
                ORDER BY id DESC LIMIT 3) s), '[]') AS sign_ups
        FROM (SELECT 1) one
        LEFT JOIN accounts a ON a.id = :owner AND a.suspended_at IS NULL AND a.closed_at IS NULL
        """,
        indexes=await keys.indexes_for_reading(tx, address.kind, address.value),
        owner=await owner_of(tx, address),
        device=devices.digest_of(visitor.device),
    )
    counted = attempts.guesses("password", address.value, visitor, known_device=found.known_device)
    await attempts.take(tx, *counted)
    sign_ups = msgspec.convert(found.sign_ups, list[_SignUp])
    return Credentials(counted, found.account_id, found.password_hash, sign_ups)


async def own_credentials(tx: ControlTx, actor: Actor, visitor: Visitor) -> Credentials:
    """The same for somebody who is signed in and shows once more that it is she."""
    counted = attempts.guesses("password", str(actor.account_id), visitor, known_device=False)
    await attempts.take(tx, *counted)
    hash: str | None = await tx.value("SELECT password_hash FROM accounts WHERE id = :id", id=actor.account_id)
    return Credentials(counted, actor.account_id, hash, [])


async def prove(found: Credentials, password: str) -> Proof:
    """As slow for an address nobody has as for any other. Raises Busy if too many wait already."""
    if await passwords.matches(found.password_hash, password):
        assert found.password_hash
        better = await passwords.hash_password(password) if passwords.outdated(found.password_hash) else None
        return Proof(found.counted, found.account_id, found.password_hash, True, better_hash=better)
    for sign_up in found.sign_ups:
        # Also for an address with an account: else the answer would tell a stranger who signed up that there is one.
        if await passwords.matches(sign_up.password_hash, password):
            return Proof(found.counted, found.account_id, None, False, sign_up.id)
    return Proof(found.counted, found.account_id, None, False)


async def sign_in(tx: ControlTx, proof: Proof, visitor: Visitor, *, kind: str) -> SignedIn:
    """``kind`` is ``browser`` or ``api``. One refusal for every reason, and SecondFactorRequired."""
    if proof.sign_up_id:
        raise EmailUnverified(proof.sign_up_id)
    account_id = await settle(tx, proof)
    return await sign_in_proven(tx, account_id, visitor, method="password", kind=kind)


async def settle(tx: ControlTx, proof: Proof) -> UUID:
    """Whose password it was, if it still is. Raises WrongSignIn."""
    still = proof.right and await tx.value(
        "UPDATE accounts SET password_hash = coalesce(:better, password_hash) WHERE id = :id AND password_hash = :hash"
        " AND suspended_at IS NULL AND closed_at IS NULL RETURNING id",
        id=proof.account_id,
        hash=proof.password_hash,
        better=proof.better_hash,
    )
    if not still or not proof.account_id:
        audit.note(
            tx,
            proof.account_id,
            "sign_in_failed",
            "account",
            proof.account_id or "unknown",
            whose=proof.account_id,
        )
        raise WrongSignIn
    await attempts.forgive(tx, *proof.counted)
    return proof.account_id
