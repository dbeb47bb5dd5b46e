"""Another house vouches for a person: Google, Apple, whoever an operator trusts, by OpenID Connect.

An identity is (issuer, subject), never an e-mail address. An address alone opens an existing account only when the
provider itself runs that address's domain; else she shows first that the account is hers, and connects it then. An
account has verified addresses only, so nobody can lie in wait in one opened with somebody else's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.contacts import Address, address_of, owner_of, put_contact
from svastha.domain.accounts.model import WrongSignIn
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.names import legible
from svastha.kit.outbox import announce
from svastha.kit.refusals import Busy, Conflict, Invalid, NotFound, Unauthenticated


class Begun(msgspec.Struct, frozen=True):
    """A way out to a provider: where the browser goes, and what must be known when it comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


class Vouched(msgspec.Struct, frozen=True):
    """What a provider says, with signature, issuer, audience and nonce verified.

    ``email`` is empty unless the provider confirmed it; ``authoritative`` if it runs the address's domain itself.
    ``token`` is the digest of the ID token, in hex: good for one sign-in, until ``until`` (seconds since 1970).
    """

    provider: str
    label: str
    issuer: str
    subject: str
    email: str
    name: str
    authoritative: bool
    token: str
    until: int


class Provider(Protocol):
    """Behind this port stands ``adapters/oidc.py``. Raises ProviderAway or NotVouched."""

    name: str
    label: str

    async def begin(self, *, back: str) -> Begun: ...

    async def finish(self, begun: Begun, *, back: str, returned: Mapping[str, str]) -> Vouched: ...

    async def vouch(self, id_token: str, nonce: str) -> Vouched:
        """For an ID token that one of our mobile apps was given. Raises NotFound if we have no app there."""
        ...


class Identity(msgspec.Struct, frozen=True):
    """``email`` is what the provider knew her by when they were connected."""

    id: UUID
    provider: str
    email: str
    connected_at: datetime
    used_at: datetime


class IdentityConnected(msgspec.Struct, frozen=True):
    """Somebody can now be signed in by a provider: she is told."""

    account_id: UUID
    label: str


class ProviderAway(Busy):
    code = "provider_away"
    says = N_("{label} does not answer at this moment. Please try again in a minute, or sign in another way.")


class NotVouched(Unauthenticated):
    code = "not_vouched"
    says = N_("Signing in with {label} did not work. Please try again, or sign in another way.")


class NotAllowedThere(Unauthenticated):
    code = "declined"
    says = N_("You did not finish signing in with {label}. Please try again, or sign in another way.")


class AddressNotConfirmed(Conflict):
    code = "address_not_confirmed"
    says = N_("{label} did not tell us a confirmed e-mail address of yours. Please open an account with your address.")


class SignInFirst(Conflict):
    code = "sign_in_first"
    says = N_("There is an account with this e-mail address already. Sign in to it first, then connect {label}.")

    def __init__(self, account_id: UUID, *, label: str) -> None:
        super().__init__(label=label)
        self.account_id = account_id  # not among the details: those are sent out


class IdentityTaken(Conflict):
    code = "identity_taken"
    says = N_("This account of {label} is connected to another account here.")


class LastWayIn(Conflict):
    code = "last_way_in"
    says = N_("This is your only way to sign in. Set a password or confirm an e-mail address first.")


class _Known(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID
    open: bool


async def arrive(tx: ControlTx, vouched: Vouched, *, locale: str, zone: str) -> UUID:
    """The account of whoever was vouched for, opened now if there was none. Never with a role.

    Raises SignInFirst if her address belongs to an account she has yet to show is hers, AddressNotConfirmed, NotVouched
    for an ID token that was used before, WrongSignIn for an account that was suspended or closed.
    """
    known = await _known(tx, vouched)
    await _spend(tx, vouched)
    if known:
        await _let_in(tx, known.account_id, known.open)
        await tx.run("UPDATE identities SET used_at = now() WHERE id = :id", id=known.id)
        return known.account_id
    try:
        address = address_of(vouched.email)
    except Invalid:
        raise AddressNotConfirmed(label=vouched.label) from None
    if owner := await owner_of(tx, address):
        if not vouched.authoritative:
            raise SignInFirst(owner, label=vouched.label)
        await _let_in(tx, owner, await _is_open(tx, owner))
        await _put(tx, owner, vouched)
        announce(tx, IdentityConnected(owner, vouched.label))
        return owner
    return await _open(tx, vouched, address, locale=locale, zone=zone)


async def connect(tx: ControlTx, account_id: UUID, vouched: Vouched) -> None:
    """From now on this identity signs in to the account; she is told. Nothing happens the second time."""
    known = await _known(tx, vouched)
    if known and known.account_id != account_id:
        raise IdentityTaken(label=vouched.label)
    await _spend(tx, vouched)
    if not known:
        await _put(tx, account_id, vouched)
        announce(tx, IdentityConnected(account_id, vouched.label))


async def disconnect(tx: ControlTx, account_id: UUID, identity_id: UUID) -> None:
    """Raises NotFound, or LastWayIn when nothing else would open the account."""
    await tx.value("SELECT 1 FROM accounts WHERE id = :id FOR UPDATE", id=account_id)  # two at once see each other
    others: bool | None = await tx.value(
        """
        SELECT a.password_hash IS NOT NULL
            OR EXISTS (SELECT 1 FROM identities o WHERE o.account_id = a.id AND o.id <> i.id)
            OR EXISTS (SELECT 1 FROM contacts c WHERE c.account_id = a.id AND c.verified_at IS NOT NULL)
        FROM identities i JOIN accounts a ON a.id = i.account_id WHERE i.id = :id AND a.id = :account_id
        """,
        id=identity_id,
        account_id=account_id,
    )
    if others is None:
        raise NotFound
    if not others:
        raise LastWayIn
    await tx.run("DELETE FROM identities WHERE id = :id", id=identity_id)
    audit.note(tx, account_id, "disconnect_identity", "account", account_id, whose=account_id)


class _Sealed(msgspec.Struct, frozen=True):
    id: UUID
    provider: str
    sealed: bytes
    connected_at: datetime
    used_at: datetime


async def identities_of(tx: ControlTx, account_id: UUID) -> list[Identity]:
    """Who vouches for this person, oldest first."""
    rows = await tx.all(
        _Sealed,
        "SELECT id, provider, sealed, connected_at, used_at FROM identities WHERE account_id = :account_id ORDER BY id",
        account_id=account_id,
    )
    return [
        Identity(
            row.id,
            row.provider,
            tx.vault.open("identities", "sealed", row.id, row.sealed).decode(),
            row.connected_at,
            row.used_at,
        )
        for row in rows
    ]


async def _known(tx: ControlTx, vouched: Vouched) -> _Known | None:
    # One at a time, so that two first arrivals at once do not open two accounts.
    await tx.value(
        "SELECT pg_advisory_xact_lock(hashtextextended(:issuer || ' ' || :subject, 1))",
        issuer=vouched.issuer,
        subject=vouched.subject,
    )
    return await tx.maybe(
        _Known,
        "SELECT i.id, i.account_id, a.suspended_at IS NULL AND a.closed_at IS NULL AS open"
        " FROM identities i JOIN accounts a ON a.id = i.account_id WHERE i.issuer = :issuer AND i.subject = :subject",
        issuer=vouched.issuer,
        subject=vouched.subject,
    )


async def _spend(tx: ControlTx, vouched: Vouched) -> None:
    await tx.run("DELETE FROM spent_id_tokens WHERE expires_at < now()")
    fresh = await tx.run(
        "INSERT INTO spent_id_tokens (hash, expires_at) VALUES (:hash, to_timestamp(:until) + interval '5 minutes')"
        " ON CONFLICT DO NOTHING",
        hash=bytes.fromhex(vouched.token),
        until=vouched.until,
    )
    if not fresh:
        raise NotVouched(label=vouched.label)


async def _is_open(tx: ControlTx, account_id: UUID) -> bool:
    return bool(
        await tx.value(
            "SELECT 1 FROM accounts WHERE id = :id AND suspended_at IS NULL AND closed_at IS NULL", id=account_id
        )
    )


async def _let_in(tx: ControlTx, account_id: UUID, open: bool) -> None:
    if not open:
        audit.note(tx, account_id, "sign_in_failed", "account", account_id, whose=account_id)
        raise WrongSignIn


async def _put(tx: ControlTx, account_id: UUID, vouched: Vouched) -> None:
    id = uuid7()
    await tx.run(
        "INSERT INTO identities (id, account_id, provider, issuer, subject, sealed)"
        " VALUES (:id, :account_id, :provider, :issuer, :subject, :sealed)",
        id=id,
        account_id=account_id,
        provider=vouched.provider,
        issuer=vouched.issuer,
        subject=vouched.subject,
        sealed=tx.vault.seal("identities", "sealed", id, vouched.email.encode()),
    )
    audit.note(tx, account_id, "connect_identity", "account", account_id, whose=account_id)


async def _open(tx: ControlTx, vouched: Vouched, address: Address, *, locale: str, zone: str) -> UUID:
    account_id = uuid7()
    name = legible(" ".join(vouched.name.split()))[:120] or address.value.partition("@")[0]
    await tx.run(
        "INSERT INTO accounts (id, name, locale, zone) VALUES (:id, :name, :locale, :zone)",
        id=account_id,
        name=name,
        locale=locale,
        zone=zone,
    )
    await put_contact(tx, account_id, address)
    await _put(tx, account_id, vouched)
    audit.note(tx, account_id, "register", "account", account_id, whose=account_id)
    return account_id
