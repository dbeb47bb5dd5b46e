"""Another e-mail address or number. The new one is verified before it counts, the old one is told and may object."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit, factors
from svastha.domain.accounts import attempts, codes
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.by_code import may_send
from svastha.domain.accounts.contacts import Address, address_of, contacts_of, drop_contact, owner_of, put_contact
from svastha.domain.accounts.issue import UNDO_HOURS
from svastha.domain.accounts.model import CodeWanted, ContactChanged, LinkOver, WrongCode
from svastha.domain.accounts.sessions import end_all, forget
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound

NOT_LONG_BEFORE = timedelta(hours=24)  # what else whoever changed an address may have set up first


class LastAddress(Conflict):
    code = "last_address"
    says = N_("This is the only address of your account. Add another one first.")


async def ask_new_contact(tx: ControlTx, actor: Actor, contact: str, visitor: Visitor) -> None:
    """A code goes to the new address. The same answer for one that belongs to somebody else: she is told there.

    Raises Invalid, TooManyAttempts.
    """
    address = address_of(contact)
    if any(one.value == address.value for one in await contacts_of(tx, actor.account_id)):
        raise Invalid(FieldError("contact", N_("This is your address already.")))
    await tx.run(
        "DELETE FROM contact_changes WHERE account_id = :account_id AND done_at IS NULL", account_id=actor.account_id
    )
    id = uuid7()
    await tx.run(
        "INSERT INTO contact_changes (id, account_id, kind, new) VALUES (:id, :account_id, :kind, :new)",
        id=id,
        account_id=actor.account_id,
        kind=address.kind,
        new=tx.vault.seal("contact_changes", "new", id, address.value.encode()),
    )
    if await may_send(tx, "contact", address, visitor):
        announce(tx, CodeWanted("contact", id, await owner_of(tx, address)))
    audit.note(tx, actor.account_id, "contact_wanted", "account", actor.account_id, whose=actor.account_id)


class _Waiting(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    new: bytes


async def waiting_contact(tx: ControlTx, actor: Actor) -> Address | None:
    """The new address that waits for its code."""
    found = await _waiting(tx, actor)
    if found is None:
        return None
    return Address(found.kind, tx.vault.open("contact_changes", "new", found.id, found.new).decode())


async def _waiting(tx: ControlTx, actor: Actor) -> _Waiting | None:
    return await tx.maybe(
        _Waiting,
        "SELECT id, kind, new FROM contact_changes WHERE account_id = :account_id AND done_at IS NULL"
        " AND made_at > now() - interval '1 hour' ORDER BY id DESC LIMIT 1",
        account_id=actor.account_id,
    )


async def verify_new_contact(tx: ControlTx, actor: Actor, code: str, visitor: Visitor) -> None:
    """The new address replaces the one of its kind. Raises WrongCode, TooManyAttempts, AddressTaken."""
    counted = attempts.guesses("code", str(actor.account_id), visitor, known_device=False)
    await attempts.take(tx, *counted)
    waiting = await _waiting(tx, actor)
    if waiting is None or not await codes.spend(tx, "contact", [waiting.id], codes.typed(code)):
        raise WrongCode
    await attempts.forgive(tx, *counted)
    address = Address(waiting.kind, tx.vault.open("contact_changes", "new", waiting.id, waiting.new).decode())
    before = [one for one in await contacts_of(tx, actor.account_id) if one.kind == address.kind]
    await put_contact(tx, actor.account_id, address)
    for one in before:
        await drop_contact(tx, actor.account_id, one.id)
    await _done(tx, actor, waiting.id, before[0].value if before else None)


async def remove_contact(tx: ControlTx, actor: Actor, contact_id: UUID) -> None:
    """Raises NotFound, or LastAddress."""
    await tx.value(
        "SELECT 1 FROM accounts WHERE id = :id FOR UPDATE", id=actor.account_id
    )  # two at once see each other
    hers = await contacts_of(tx, actor.account_id)
    gone = next((one for one in hers if one.id == contact_id), None)
    if gone is None:
        raise NotFound
    if not any(one.verified_at for one in hers if one.id != contact_id):
        raise LastAddress
    id = uuid7()
    await tx.run(
        "INSERT INTO contact_changes (id, account_id, kind) VALUES (:id, :account_id, :kind)",
        id=id,
        account_id=actor.account_id,
        kind=gone.kind,
    )
    await drop_contact(tx, actor.account_id, contact_id)
    await _done(tx, actor, id, gone.value)


async def _done(tx: ControlTx, actor: Actor, change_id: UUID, old: str | None) -> None:
    await tx.run(
        "UPDATE contact_changes SET done_at = now(), old = :old WHERE id = :id",
        id=change_id,
        old=None if old is None else tx.vault.seal("contact_changes", "old", change_id, old.encode()),
    )
    forget(tx, actor.account_id)
    audit.note(tx, actor.account_id, "contact_changed", "account", actor.account_id, whose=actor.account_id)
    announce(tx, ContactChanged(change_id))


class _Change(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID
    kind: str
    new: bytes | None
    old: bytes | None
    done_at: datetime


async def may_object(tx: ControlTx, token: str) -> bool:
    """Is this a link that still undoes something?"""
    return bool(await tx.value(f"SELECT 1 FROM contact_changes WHERE {_OPEN}", hash=digest(token), hours=UNDO_HOURS))


_OPEN = "undo_hash = :hash AND undone_at IS NULL AND done_at > now() - make_interval(hours => :hours)"


async def object_to(tx: ControlTx, token: str) -> None:
    """As it was before: her addresses back, every session ended, and whatever whoever changed the address may know or
    have set up worth nothing: the password, new ways to sign in, new second factors, and links like this one that went
    to an address she never had. Raises LinkOver, or AddressTaken if somebody else has the address by now."""
    await tx.value(  # two at once see each other
        f"SELECT 1 FROM accounts WHERE id = (SELECT account_id FROM contact_changes WHERE {_OPEN}) FOR UPDATE",
        hash=digest(token),
        hours=UNDO_HOURS,
    )
    change = await tx.maybe(
        _Change,
        f"UPDATE contact_changes SET undone_at = now() WHERE {_OPEN} RETURNING id, account_id, kind, new, old, done_at",
        hash=digest(token),
        hours=UNDO_HOURS,
    )
    if change is None:
        raise LinkOver
    for first in await _first_of_each_kind(tx, change):
        await _restore(tx, first, must=first.id == change.id)
    since = change.done_at - NOT_LONG_BEFORE
    await factors.reset(tx, change.account_id, since=since)
    await tx.run(
        "DELETE FROM identities WHERE account_id = :id AND connected_at >= :since", id=change.account_id, since=since
    )
    await tx.run("UPDATE accounts SET password_hash = NULL WHERE id = :id", id=change.account_id)
    await end_all(tx, change.account_id, why="change of address undone")
    audit.note(tx, None, "contact_change_undone", "account", change.account_id, whose=change.account_id)


async def _first_of_each_kind(tx: ControlTx, change: _Change) -> list[_Change]:
    """This change, and of the other kind of address the first of those undone with it. All that came later is undone,
    and an address of the other kind that was added shortly before, which may have told nobody."""
    others = await tx.all(
        _Change,
        """
        UPDATE contact_changes SET undone_at = now() WHERE account_id = :account_id AND undone_at IS NULL
            AND (done_at >= :done_at OR (kind <> :kind AND old IS NULL AND done_at > :done_at - :before::interval
                AND :restored::boolean))
        RETURNING id, account_id, kind, new, old, done_at
        """,
        account_id=change.account_id,
        kind=change.kind,
        done_at=change.done_at,
        before=NOT_LONG_BEFORE,
        restored=change.old is not None,
    )
    await tx.run(
        "DELETE FROM contact_changes WHERE account_id = :account_id AND done_at IS NULL", account_id=change.account_id
    )
    others = sorted((one for one in others if one.kind != change.kind), key=lambda one: (one.done_at, one.id))
    return [change, *others[:1]]


async def _restore(tx: ControlTx, change: _Change, *, must: bool) -> None:
    """Of this kind the address from before the change alone. One somebody else has by now is left out unless it
    ``must`` be."""
    hers = [one for one in await contacts_of(tx, change.account_id) if one.kind == change.kind]
    if change.old is not None:
        old = Address(change.kind, tx.vault.open("contact_changes", "old", change.id, change.old).decode())
        if must or await owner_of(tx, old) in (None, change.account_id):
            if all(one.value != old.value for one in hers):
                await put_contact(tx, change.account_id, old)
            hers = [one for one in hers if one.value != old.value]
    for one in hers:
        await drop_contact(tx, change.account_id, one.id)
