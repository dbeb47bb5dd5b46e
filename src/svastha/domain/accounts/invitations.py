"""Somebody is invited to work at a clinic: a link by e-mail or SMS, good for a week and for one person.

Nobody learns whether the address has an account: inviting looks the same either way, and it is only when the link comes
back that we ask who accepts.
"""

import re
import secrets
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.contacts import Address, address_of, owner_of
from svastha.domain.accounts.grants import AboveYourOwn, check_days, check_place, check_reach, give, standing
from svastha.domain.accounts.register import SignUp, register_verified
from svastha.kit.clock import now
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound, TooMany

GOOD_FOR = timedelta(days=7)
BETWEEN_TWO = 60  # seconds before the same message may be sent again
MOST_OPEN = 200  # of one clinic
OPEN = "accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()"
_OPEN_ROW = "i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()"
_SECRET = re.compile(r"[A-Za-z0-9_-]{32}")


class InvitationWanted(msgspec.Struct, frozen=True):
    """The message with the link is to be sent."""

    invitation_id: UUID


class InvitationAccepted(msgspec.Struct, frozen=True):
    """Whoever invited is told who came."""

    invited_by: UUID
    account_id: UUID
    clinic_id: UUID


class InvitationOver(NotFound):
    code = "invitation_over"
    says = N_("This invitation was used, taken back or has run out. Please ask for a new one.")


class InviterGone(Conflict):
    code = "inviter_gone"
    says = N_("Whoever invited you may no longer do so. Please ask the clinic for a new invitation.")


class AnotherAccount(Conflict):
    code = "another_account"
    says = N_("This invitation was sent to another address than yours. Say that you want to use this account for it.")


class TooManyOpen(Conflict):
    code = "too_many_invitations"
    says = N_("Too many invitations are waiting. Take some of them back first.")


class SentJustNow(TooMany):
    code = "sent_just_now"
    says = N_("It was sent a moment ago. Please wait a minute before you send it again.")


class Invitation(msgspec.Struct, frozen=True):
    """As the clinic sees it. ``contact`` is the address it was sent to, ``by`` who invited."""

    id: UUID
    contact: str
    roles: list[str]
    until: datetime | None
    by: str
    sent_at: datetime
    expires_at: datetime


class Invited(msgspec.Struct, frozen=True):
    """As the one who opens the link sees it. ``hint`` is the address without most of its letters; ``yours``: it is an
    address of whoever is signed in; ``known``: it belongs to some account."""

    id: UUID
    clinic: str
    slug: str
    roles: list[str]
    by: str
    hint: str
    expires_at: datetime
    yours: bool
    known: bool


class IssuedInvitation(msgspec.Struct, frozen=True):
    """Everything the message needs. Only the digest of ``secret`` is kept."""

    address: Address
    secret: str
    clinic: str
    by: str
    locale: str
    expires_at: datetime


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    clinic_id: UUID
    clinic: str
    slug: str
    kind: str
    sealed: bytes
    roles: list[str]
    until: datetime | None
    invited_by: UUID
    by: str
    locale: str
    sent_at: datetime
    expires_at: datetime


_ROWS = """SELECT i.id, i.clinic_id, c.name AS clinic, c.slug, i.kind, i.sealed, i.roles, i.until, i.invited_by,
    a.name AS by, a.locale, i.sent_at, i.expires_at
    FROM invitations i JOIN clinics c ON c.id = i.clinic_id JOIN accounts a ON a.id = i.invited_by"""


async def invite(
    tx: ControlTx, actor: Actor, clinic_id: UUID, contact: str, roles: list[str], *, until: datetime | None = None
) -> UUID:
    """Raises Invalid, AboveYourOwn, TooManyOpen. ``until``: of the roles."""
    address, roles = address_of(contact), sorted(set(roles))
    if not roles:
        raise Invalid(FieldError("roles", N_("Choose at least one role.")))
    check_days(None, until)
    own = await standing(tx, actor.account_id)
    for role in roles:
        check_place(role, clinic_id)
        check_reach(own, role, clinic_id, until)
    waiting: int = await tx.value(
        f"SELECT count(*) FROM invitations WHERE clinic_id = :clinic_id AND {OPEN}", clinic_id=clinic_id
    )
    if waiting >= MOST_OPEN:
        raise TooManyOpen
    id = uuid7()
    await tx.run(
        "INSERT INTO invitations (id, clinic_id, kind, sealed, roles, until, invited_by, expires_at)"
        " VALUES (:id, :clinic_id, :kind, :sealed, :roles, :until, :by, now() + :good_for)",
        id=id,
        clinic_id=clinic_id,
        kind=address.kind,
        sealed=tx.vault.seal("invitations", "sealed", id, address.value.encode()),
        roles=roles,
        until=until,
        by=actor.account_id,
        good_for=GOOD_FOR,
    )
    audit.note(tx, actor.account_id, "invite", "invitation", id, why=" ".join(roles))
    announce(tx, InvitationWanted(id))
    return id


async def issue_invitation(tx: ControlTx, invitation_id: UUID) -> IssuedInvitation | None:
    """A fresh secret; the one before is worth nothing any more. None if the invitation is over."""
    secret = secrets.token_urlsafe(24)
    issued = await tx.run(
        f"UPDATE invitations SET token_hash = :hash WHERE id = :id AND {OPEN}", id=invitation_id, hash=digest(secret)
    )
    if not issued:
        return None
    row = await tx.one(_Row, f"{_ROWS} WHERE i.id = :id", id=invitation_id)
    return IssuedInvitation(_address(tx, row), secret, row.clinic, row.by, row.locale, row.expires_at)


async def invitations_of(tx: ControlTx, clinic_id: UUID) -> list[Invitation]:
    """Those that wait, newest first."""
    rows = await tx.all(
        _Row,
        f"{_ROWS} WHERE i.clinic_id = :clinic_id AND {_OPEN_ROW} ORDER BY i.id DESC",
        clinic_id=clinic_id,
    )
    return [
        Invitation(row.id, _address(tx, row).value, row.roles, row.until, row.by, row.sent_at, row.expires_at)
        for row in rows
    ]


async def send_again(tx: ControlTx, actor: Actor, clinic_id: UUID, invitation_id: UUID) -> None:
    """A new link, for another week. Raises NotFound, SentJustNow."""
    sent_at: datetime | None = await tx.value(
        f"SELECT sent_at FROM invitations WHERE id = :id AND clinic_id = :clinic_id AND {OPEN} FOR UPDATE",
        id=invitation_id,
        clinic_id=clinic_id,
    )
    if sent_at is None:
        raise NotFound
    left = BETWEEN_TWO - (now() - sent_at).total_seconds()
    if left > 0:
        raise SentJustNow(retry_after=ceil(left))
    await tx.run(
        "UPDATE invitations SET sent_at = now(), expires_at = now() + :good_for, token_hash = NULL WHERE id = :id",
        id=invitation_id,
        good_for=GOOD_FOR,
    )
    audit.note(tx, actor.account_id, "invite_again", "invitation", invitation_id)
    announce(tx, InvitationWanted(invitation_id))


async def revoke_invitation(tx: ControlTx, actor: Actor, clinic_id: UUID, invitation_id: UUID) -> None:
    """The link is worth nothing from this moment. Raises NotFound."""
    revoked = await tx.run(
        "UPDATE invitations SET revoked_at = now(), revoked_by = :by"
        f" WHERE id = :id AND clinic_id = :clinic_id AND {OPEN}",
        id=invitation_id,
        clinic_id=clinic_id,
        by=actor.account_id,
    )
    if not revoked:
        raise NotFound
    audit.note(tx, actor.account_id, "revoke", "invitation", invitation_id)


async def invited(tx: ControlTx, secret: str, actor: Actor | None) -> Invited:
    """What a link says. Raises InvitationOver for any that is not good (any more)."""
    row = await _by(tx, secret)
    address = _address(tx, row)
    owner = await owner_of(tx, address)
    yours = actor is not None and owner == actor.account_id
    return Invited(
        row.id, row.clinic, row.slug, row.roles, row.by, _hint(address), row.expires_at, yours, owner is not None
    )


async def accept(tx: ControlTx, actor: Actor, secret: str, *, with_this_account: bool = False) -> str:
    """The roles are hers from now on, given by whoever invited her, if that person may still give them.

    ``with_this_account``: she knows that the invitation went to another address. Returns the clinic's slug. Raises
    InvitationOver, AnotherAccount, InviterGone, and NotYourself for an invitation of one's own.
    """
    row = await _by(tx, secret)
    if not with_this_account and await owner_of(tx, _address(tx, row)) != actor.account_id:
        raise AnotherAccount
    return await _take(tx, row, actor.account_id)


async def decline(tx: ControlTx, secret: str, actor: Actor | None) -> None:
    """Whoever has the link says no: it is worth nothing from this moment. Raises InvitationOver."""
    row, who = await _by(tx, secret), actor.account_id if actor else None
    await tx.run(
        f"UPDATE invitations SET revoked_at = now(), revoked_by = :by WHERE id = :id AND {OPEN}", id=row.id, by=who
    )
    audit.note(tx, who, "decline", "invitation", row.id)


async def invited_address(tx: ControlTx, secret: str) -> Address:
    """Where the link was sent. Raises InvitationOver."""
    return _address(tx, await _by(tx, secret))


async def join(tx: ControlTx, secret: str, wanted: SignUp) -> UUID:
    """Open an account with the address the link was sent to, which having the link confirms, and accept with it.
    ``wanted`` was prepared with ``invited_address``. Raises AddressTaken if it has an account, and as ``accept``."""
    row, account_id = await _by(tx, secret), uuid7()
    await register_verified(
        tx,
        account_id=account_id,
        email=_address(tx, row).value,
        name=wanted.name,
        password_hash=wanted.password_hash,
        locale=wanted.locale,
    )
    audit.note(tx, account_id, "register", "account", account_id, why="invited", whose=account_id)
    await _take(tx, row, account_id)
    return account_id


async def _take(tx: ControlTx, row: _Row, account_id: UUID) -> str:
    taken = await tx.run(
        f"UPDATE invitations SET accepted_at = now(), accepted_by = :by WHERE id = :id AND {OPEN}",
        id=row.id,
        by=account_id,
    )
    if not taken:  # somebody was faster with the same link
        raise InvitationOver
    try:
        for role in row.roles:
            await give(tx, row.invited_by, account_id, role, row.clinic_id, until=row.until)
    except (AboveYourOwn, Invalid):
        raise InviterGone from None
    audit.note(tx, account_id, "accept", "invitation", row.id, whose=account_id)
    announce(tx, InvitationAccepted(row.invited_by, account_id, row.clinic_id))
    return row.slug


async def _by(tx: ControlTx, secret: str) -> _Row:
    row = None
    if _SECRET.fullmatch(secret):
        row = await tx.maybe(_Row, f"{_ROWS} WHERE i.token_hash = :hash AND {_OPEN_ROW}", hash=digest(secret))
    if row is None:
        raise InvitationOver
    return row


def _address(tx: ControlTx, row: _Row) -> Address:
    return Address(row.kind, tx.vault.open("invitations", "sealed", row.id, row.sealed).decode())


def _hint(address: Address) -> str:
    """``a…@example.org`` or ``…4321``: enough to know one's own again."""
    if address.kind == "email":
        name, _, host = address.value.partition("@")
        return f"{name[:1]}…@{host}"
    return f"…{address.value[-4:]}"
