"""Codes and links are made when the message is written that carries them: no job and no log ever holds one."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.accounts import codes
from svastha.domain.accounts.contacts import Address, contacts_of
from svastha.domain.accounts.model import CodeWanted, LinkWanted
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx

UNDO_HOURS = 72


class IssuedCode(msgspec.Struct, frozen=True):
    """For an account that exists, at whatever address it prefers; else for this new address alone."""

    account_id: UUID | None
    address: Address | None
    locale: str
    code: str
    told_id: UUID


class _Row(msgspec.Struct, frozen=True):
    kind: str
    sealed: bytes
    locale: str


async def issue_code(tx: ControlTx, wanted: CodeWanted) -> IssuedCode | None:
    """A fresh code, good for ten minutes; the one before it ends. None if there is nobody to send it to."""
    if wanted.purpose in ("sign_up", "contact"):
        where, table, column = {
            "sign_up": ("SELECT kind, sealed, locale FROM sign_ups WHERE id = :id", "sign_ups", "sealed"),
            "contact": (
                "SELECT c.kind, c.new AS sealed, a.locale FROM contact_changes c JOIN accounts a ON a.id = c.account_id"
                " WHERE c.id = :id AND c.done_at IS NULL",
                "contact_changes",
                "new",
            ),
        }[wanted.purpose]
        row = await tx.maybe(_Row, where, id=wanted.subject)
        if row is None:
            return None
        value = tx.vault.open(table, column, wanted.subject, row.sealed).decode()
        issued = await codes.issue(tx, wanted.purpose, wanted.subject)
        return IssuedCode(None, Address(row.kind, value), row.locale, issued.code, issued.told_id)
    account_id = await _account(tx, wanted.subject)
    if account_id is None:
        return None
    locale: str = await tx.value("SELECT locale FROM accounts WHERE id = :id", id=account_id)
    issued = await codes.issue(tx, wanted.purpose, wanted.subject)
    return IssuedCode(account_id, None, locale, issued.code, issued.told_id)


async def _account(tx: ControlTx, contact_id: UUID) -> UUID | None:
    found: UUID | None = await tx.value(
        "SELECT c.account_id FROM contacts c JOIN accounts a ON a.id = c.account_id WHERE c.id = :id"
        " AND c.verified_at IS NOT NULL AND a.suspended_at IS NULL AND a.closed_at IS NULL",
        id=contact_id,
    )
    return found


class IssuedLink(msgspec.Struct, frozen=True):
    account_id: UUID
    token: str


async def issue_link(tx: ControlTx, wanted: LinkWanted) -> IssuedLink | None:
    """A fresh link, good for ten minutes; the one before it ends. None if there is nobody to send it to."""
    account_id = await _account(tx, wanted.contact_id)
    if account_id is None:
        return None
    token = secrets.token_urlsafe(32)
    await tx.run("DELETE FROM links WHERE contact_id = :id", id=wanted.contact_id)
    await tx.run(
        "INSERT INTO links (token_hash, contact_id, browser, expires_at)"
        " VALUES (:hash, :contact_id, :browser, now() + make_interval(mins => :minutes))",
        hash=digest(token),
        contact_id=wanted.contact_id,
        browser=bytes.fromhex(wanted.browser),
        minutes=codes.MINUTES,
    )
    return IssuedLink(account_id, token)


class Objection(msgspec.Struct, frozen=True):
    """For whoever had the address that was replaced, else for another address of hers: a change may be undone."""

    account_id: UUID
    addresses: dict[str, str]
    at: datetime
    token: str


class _Change(msgspec.Struct, frozen=True):
    account_id: UUID
    kind: str
    new: bytes | None
    old: bytes | None
    done_at: datetime


async def issue_objection(tx: ControlTx, change_id: UUID) -> Objection | None:
    """None if there is no other address that could be told."""
    change = await tx.maybe(
        _Change,
        "SELECT account_id, kind, new, old, done_at FROM contact_changes WHERE id = :id AND done_at IS NOT NULL"
        " AND undone_at IS NULL",
        id=change_id,
    )
    if change is None:
        return None
    if change.old is not None:
        told = {change.kind: tx.vault.open("contact_changes", "old", change_id, change.old).decode()}
    else:
        told = {one.kind: one.value for one in await contacts_of(tx, change.account_id) if one.kind != change.kind}
    if not told:
        return None
    token = secrets.token_urlsafe(32)
    await tx.run("UPDATE contact_changes SET undo_hash = :hash WHERE id = :id", hash=digest(token), id=change_id)
    return Objection(change.account_id, told, change.done_at, token)
