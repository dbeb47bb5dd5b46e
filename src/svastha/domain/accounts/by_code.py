"""In without a password: a code to type, or a link to open.

What is asked for an address nobody has gets the same answer after the same work, and leads to nothing.
"""

from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain import audit, keys
from svastha.domain.accounts import attempts, codes, devices
from svastha.domain.accounts.attempts import Counted
from svastha.domain.accounts.contacts import Address, address_of
from svastha.domain.accounts.model import CodeWanted, LinkOver, LinkWanted, Purpose, SignedIn, WrongCode
from svastha.domain.accounts.proven import sign_in_proven
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce


class Reachable(msgspec.Struct, frozen=True):
    contact_id: UUID
    account_id: UUID
    known_device: bool


async def whose(tx: ControlTx, address: Address, visitor: Visitor) -> Reachable | None:
    return await tx.maybe(
        Reachable,
        """
        SELECT c.id AS contact_id, c.account_id,
            EXISTS (SELECT 1 FROM devices d WHERE d.account_id = a.id AND d.token_hash = :device) AS known_device
        FROM contact_indexes i JOIN contacts c ON c.id = i.contact_id JOIN accounts a ON a.id = c.account_id
        WHERE i.index = ANY(:indexes::bytea[]) AND c.verified_at IS NOT NULL
            AND a.suspended_at IS NULL AND a.closed_at IS NULL
        LIMIT 1
        """,
        indexes=await keys.indexes_for_reading(tx, address.kind, address.value),
        device=devices.digest_of(visitor.device),
    )


async def ask_code(
    tx: ControlTx,
    contact: str,
    visitor: Visitor,
    *,
    purpose: Literal["sign_in", "forgotten"] = "sign_in",
    all_at_once: bool = False,
) -> None:
    """A code goes to whoever has this address, at most one a minute. Raises Invalid for what is no address at all, and
    TooManyAttempts."""
    address = address_of(contact)
    found = await whose(tx, address, visitor)
    if await may_send(tx, purpose, address, visitor):
        announce(tx, CodeWanted(purpose, found.contact_id if found else uuid7(), None, all_at_once))
    audit.note(tx, None, "code_wanted", "account", found.account_id if found else "unknown", why=purpose)


async def ask_link(tx: ControlTx, contact: str, visitor: Visitor, *, browser: str) -> None:
    """The same for a link. ``browser`` is a secret that the browser keeps which asks; empty for a program."""
    address = address_of(contact)
    found = await whose(tx, address, visitor)
    if await may_send(tx, "link", address, visitor):
        announce(tx, LinkWanted(found.contact_id if found else uuid7(), digest(browser).hex()))
    audit.note(tx, None, "link_wanted", "account", found.account_id if found else "unknown")


async def may_send(tx: ControlTx, purpose: Purpose | Literal["link"], address: Address, visitor: Visitor) -> bool:
    """False for a second message of one purpose within a minute, which is quietly left out. Raises TooManyAttempts."""
    if not await attempts.room_for(tx, Counted("message", purpose, address.value)):
        return False
    await attempts.take(
        tx, Counted("messages", "sent", address.value), Counted("asking", "sent", visitor.network or "nowhere")
    )
    return True


async def sign_in_by_code(tx: ControlTx, contact: str, code: str, visitor: Visitor, *, kind: str) -> SignedIn:
    """Raises WrongCode, TooManyAttempts, SecondFactorRequired."""
    account_id = await shown_code(tx, "sign_in", contact, code, visitor)
    return await sign_in_proven(tx, account_id, visitor, method="code", kind=kind)


async def shown_code(
    tx: ControlTx, purpose: Literal["sign_in", "forgotten"], contact: str, code: str, visitor: Visitor
) -> UUID:
    """The account whose code this is. Raises WrongCode, having counted the guess, and TooManyAttempts."""
    address = address_of(contact)
    found = await whose(tx, address, visitor)
    counted = attempts.guesses("code", address.value, visitor, known_device=bool(found and found.known_device))
    await attempts.take(tx, *counted)
    right = await codes.spend(tx, purpose, [found.contact_id if found else uuid7()], codes.typed(code))
    if right is None or found is None:
        account = found.account_id if found else None
        audit.note(tx, account, "sign_in_failed", "account", account or "unknown", why="code", whose=account)
        raise WrongCode
    await attempts.forgive(tx, *counted)
    return found.account_id


async def link_is_of(tx: ControlTx, token: str, *, browser: str) -> bool | None:
    """None for a link that is over. True: this browser asked for it, so it may be opened without another question."""
    same: bool | None = await tx.value(
        "SELECT browser = :browser FROM links WHERE token_hash = :hash AND expires_at > now()",
        hash=digest(token),
        browser=digest(browser),
    )
    return None if same is None else same and bool(browser)


async def sign_in_by_link(tx: ControlTx, token: str, visitor: Visitor, *, kind: str) -> SignedIn:
    """Once. Raises LinkOver, SecondFactorRequired."""
    account_id: UUID | None = await tx.value(
        "WITH spent AS (DELETE FROM links WHERE token_hash = :hash RETURNING contact_id, expires_at)"
        " SELECT c.account_id FROM spent JOIN contacts c ON c.id = spent.contact_id"
        " WHERE spent.expires_at > now() AND c.verified_at IS NOT NULL",
        hash=digest(token),
    )
    if account_id is None:
        raise LinkOver
    return await sign_in_proven(tx, account_id, visitor, method="link", kind=kind)
