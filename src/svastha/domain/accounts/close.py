"""An account closes at its owner's wish: at once to everybody, for good after two weeks.

What stays and why is in docs/retention.md: what clinics wrote about her care, and the audit, which names her by number.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit, factors
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.grants import check_somebody_runs, forget_keys_of, one_at_a_time
from svastha.domain.accounts.sessions import end_all
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce, later
from svastha.kit.refusals import Conflict

UNDO = timedelta(days=14)


class AccountClosed(msgspec.Struct, frozen=True):
    """She is told how to come back, until ``erased_at``."""

    account_id: UUID
    closed_at: datetime
    erased_at: datetime


class EraseAccount(msgspec.Struct, frozen=True):
    """Due two weeks after closing; does nothing if she came back meanwhile."""

    account_id: UUID
    closed_at: datetime


class ClosingOver(Conflict):
    code = "closing_over"
    says = N_("This account is open, or was closed for good.")


class _Post(msgspec.Struct, frozen=True):
    clinic_id: UUID | None


async def close(tx: ControlTx, actor: Actor) -> AccountClosed:
    """Ends every session. Whoever alone runs a clinic hands it over first: raises LastAdmin."""
    posts = await tx.all(
        _Post,
        "SELECT DISTINCT clinic_id FROM grants WHERE account_id = :id AND role IN ('clinic_admin', 'platform_admin')",
        id=actor.account_id,
    )
    for post in sorted(posts, key=lambda one: str(one.clinic_id)):
        await one_at_a_time(tx, post.clinic_id)
    closed_at: datetime = await tx.value(
        "UPDATE accounts SET closed_at = now() WHERE id = :id RETURNING closed_at", id=actor.account_id
    )
    for post in posts:
        await check_somebody_runs(tx, post.clinic_id)
    await forget_keys_of(tx, actor.account_id)
    await end_all(tx, actor.account_id, why="account closed")
    audit.note(tx, actor.account_id, "close", "account", actor.account_id)
    closed = AccountClosed(actor.account_id, closed_at, closed_at + UNDO)
    announce(tx, closed)
    later(tx, EraseAccount(actor.account_id, closed_at), run_at=closed.erased_at)
    return closed


async def reopen(tx: ControlTx, account_id: UUID, closed_at: datetime) -> None:
    """For whoever holds the link that was sent when the account closed. Raises ClosingOver."""
    if not await tx.run(
        "UPDATE accounts SET closed_at = NULL WHERE id = :id AND closed_at = :closed_at"
        " AND closed_at > now() - :undo::interval",
        id=account_id,
        closed_at=closed_at,
        undo=UNDO,
    ):
        raise ClosingOver
    audit.note(tx, account_id, "reopen", "account", account_id)


async def erase(tx: ControlTx, event: EraseAccount) -> None:
    """What names her goes: addresses, password, factors, identities, devices, grants, her name. The number stays, for
    the records of clinics and the audit refer to it."""
    if not await tx.run(
        "UPDATE accounts SET name = '–', password_hash = NULL, email = NULL WHERE id = :id AND closed_at = :closed_at",
        id=event.account_id,
        closed_at=event.closed_at,
    ):
        return
    for table in ("contacts", "contact_changes", "identities", "devices", "grants", "account_clinics"):
        await tx.run(f"DELETE FROM {table} WHERE account_id = :id", id=event.account_id)
    await tx.run("UPDATE sessions SET user_agent = '', address = '' WHERE account_id = :id", id=event.account_id)
    await factors.reset(tx, event.account_id, tell=False)
    audit.note(tx, None, "erase", "account", event.account_id)
