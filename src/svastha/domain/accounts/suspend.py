"""What the platform sees of an account, and how it shuts one out. Never what anybody has to do with a doctor."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit, factors
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.contacts import address_of, owner_of
from svastha.domain.accounts.grants import check_somebody_runs, forget_keys_of, one_at_a_time
from svastha.domain.accounts.sessions import end_all
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Forbidden, Invalid, NotFound

LONGEST_REASON = 500


class AccountSuspended(msgspec.Struct, frozen=True):
    """She is told, also when it ends again."""

    account_id: UUID
    suspended: bool


class NotYourOwn(Forbidden):
    code = "not_your_own"
    says = N_("This cannot be done to one's own account.")


class AlreadySo(Conflict):
    code = "already_so"
    says = N_("This account is in that state already.")


class RoleSeen(msgspec.Struct, frozen=True):
    """``clinic`` is empty for a role on the platform, and ``id`` is the grant's."""

    id: UUID
    role: str
    clinic: str
    from_at: datetime
    until: datetime | None


class AccountSeen(msgspec.Struct, frozen=True):
    """``state`` is ``open``, ``suspended`` or ``closed``; ``seen_at`` when she last used it, as far as is still known.
    No address and nothing about her health."""

    id: UUID
    name: str
    state: str
    made_at: datetime
    seen_at: datetime | None
    sessions: int
    second_factor: bool
    roles: list[RoleSeen]


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    state: str
    made_at: datetime
    seen_at: datetime | None
    sessions: int
    roles: list[dict[str, Any]]


async def find_account(tx: ControlTx, actor: Actor, contact: str) -> UUID:
    """By her exact address or number alone; nobody can look around. Raises Invalid, NotFound."""
    found = await owner_of(tx, address_of(contact))
    audit.note(tx, actor.account_id, "find", "account", found or "unknown", whose=found)
    if found is None:
        raise NobodyThere
    return found


class NobodyThere(NotFound):
    code = "nobody_there"
    says = N_("No account has this address or number.")
    commits = True  # that somebody looked stays written


async def account_seen(tx: ControlTx, actor: Actor, account_id: UUID) -> AccountSeen:
    """Raises NotFound. That she was looked at is written down."""
    row = await tx.maybe(
        _Row,
        """
        SELECT a.id, a.name, CASE WHEN a.closed_at IS NOT NULL THEN 'closed' WHEN a.suspended_at IS NOT NULL
                THEN 'suspended' ELSE 'open' END AS state, a.made_at,
            (SELECT max(s.last_seen_at) FROM sessions s WHERE s.account_id = a.id) AS seen_at,
            (SELECT count(*) FROM sessions s WHERE s.account_id = a.id AND s.parent_id IS NULL AND s.ended_at IS NULL
                AND s.expires_at > now()) AS sessions,
            coalesce((SELECT jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'clinic', coalesce(c.name, ''),
                    'from_at', g.valid_from, 'until', g.valid_until) ORDER BY c.name NULLS FIRST, g.role)
                FROM grants g LEFT JOIN clinics c ON c.id = g.clinic_id
                WHERE g.account_id = a.id AND (g.valid_until IS NULL OR g.valid_until > now())), '[]') AS roles
        FROM accounts a WHERE a.id = :id
        """,
        id=account_id,
    )
    if row is None:
        raise NotFound
    audit.note(tx, actor.account_id, "read", "account", account_id, whose=account_id)
    return AccountSeen(
        row.id,
        row.name,
        row.state,
        row.made_at,
        row.seen_at,
        row.sessions,
        account_id in await factors.enrolled(tx, [account_id]),
        msgspec.convert(row.roles, list[RoleSeen]),
    )


async def suspend(tx: ControlTx, actor: Actor, account_id: UUID, *, why: str) -> None:
    """Nothing of hers works from this moment: no session, no key she made, no sign-in. Raises Invalid without a
    reason, NotYourOwn, NotFound, AlreadySo, LastAdmin for whoever alone runs the platform."""
    why = reason_of(why)
    if account_id == actor.account_id:
        raise NotYourOwn
    await one_at_a_time(tx, None)
    await _set(tx, account_id, suspended=True)
    await check_somebody_runs(tx, None)
    await end_all(tx, account_id, why="suspended")
    await forget_keys_of(tx, account_id)
    audit.note(tx, actor.account_id, "suspend", "account", account_id, whose=account_id, why=why)
    announce(tx, AccountSuspended(account_id, True))


async def reinstate(tx: ControlTx, actor: Actor, account_id: UUID, *, why: str) -> None:
    """She can sign in again. Raises Invalid without a reason, NotYourOwn, NotFound, AlreadySo."""
    why = reason_of(why)
    if account_id == actor.account_id:
        raise NotYourOwn
    await _set(tx, account_id, suspended=False)
    audit.note(tx, actor.account_id, "reinstate", "account", account_id, whose=account_id, why=why)
    announce(tx, AccountSuspended(account_id, False))


async def end_sessions(tx: ControlTx, actor: Actor, account_id: UUID) -> None:
    """She is signed out everywhere, and can sign in again. Raises NotFound."""
    if not await tx.value("SELECT 1 FROM accounts WHERE id = :id", id=account_id):
        raise NotFound
    await end_all(tx, account_id, why="ended by the platform")
    audit.note(tx, actor.account_id, "end_sessions", "account", account_id, whose=account_id)


def reason_of(why: str) -> str:
    why = " ".join(why.split())
    if not 1 <= len(why) <= LONGEST_REASON or "\x00" in why:
        raise Invalid(FieldError("why", N_("Please say why, in at most 500 characters.")))
    return why


async def _set(tx: ControlTx, account_id: UUID, *, suspended: bool) -> None:
    was: bool | None = await tx.value(
        "SELECT suspended_at IS NOT NULL FROM accounts WHERE id = :id AND closed_at IS NULL FOR UPDATE", id=account_id
    )
    if was is None:
        raise NotFound
    if was == suspended:
        raise AlreadySo
    await tx.run(
        "UPDATE accounts SET suspended_at = CASE WHEN :suspended THEN now() END WHERE id = :id",
        id=account_id,
        suspended=suspended,
    )
