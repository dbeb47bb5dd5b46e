"""Where a person is signed in, as she sees it herself, and how she ends that."""

from datetime import datetime
from ipaddress import ip_address, ip_network
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.sessions import end_all, forget
from svastha.kit.db import ControlTx
from svastha.kit.refusals import NotFound
from svastha.kit.user_agent import device_of


class SessionSeen(msgspec.Struct, frozen=True):
    """``network`` is the address it was opened from, shortened: whose it is, not where exactly."""

    id: UUID
    kind: str
    browser: str
    system: str
    network: str
    method: str
    second_factor: bool
    made_at: datetime
    expires_at: datetime
    this: bool


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    user_agent: str
    address: str
    method: str
    second_factor: bool
    made_at: datetime
    expires_at: datetime
    this: bool


async def sessions_of(tx: ControlTx, actor: Actor) -> list[SessionSeen]:
    """Hers that are open, this one first. Those of clinics' own hosts count as the one they came from."""
    rows = await tx.all(
        _Row,
        """
        SELECT id, kind, user_agent, address, method, second_factor, made_at, expires_at,
            id = (SELECT coalesce(parent_id, id) FROM sessions WHERE id = :session_id) AS this
        FROM sessions
        WHERE account_id = :account_id AND parent_id IS NULL AND ended_at IS NULL AND expires_at > now()
        ORDER BY this DESC, made_at DESC, id DESC LIMIT 100
        """,
        account_id=actor.account_id,
        session_id=actor.session_id,
    )
    return [
        SessionSeen(
            row.id,
            row.kind,
            *device_of(row.user_agent),
            network_words(row.address),
            row.method,
            row.second_factor,
            row.made_at,
            row.expires_at,
            row.this,
        )
        for row in rows
    ]


async def end_session(tx: ControlTx, actor: Actor, session_id: UUID) -> None:
    """One of hers, with what came from it. Raises NotFound."""
    ended = await tx.run(
        "UPDATE sessions SET ended_at = now(), ended_why = 'ended by its owner' WHERE account_id = :account_id"
        " AND (id = :id OR parent_id = :id) AND ended_at IS NULL",
        account_id=actor.account_id,
        id=session_id,
    )
    if not ended:
        raise NotFound
    forget(tx, actor.account_id)
    audit.note(tx, actor.account_id, "session_ended", "session", session_id, whose=actor.account_id)


async def end_others(tx: ControlTx, actor: Actor) -> None:
    """Every session of hers but this one."""
    this: UUID = await tx.value("SELECT coalesce(parent_id, id) FROM sessions WHERE id = :id", id=actor.session_id)
    await end_all(tx, actor.account_id, why="ended by its owner", but=this)
    audit.note(tx, actor.account_id, "other_sessions_ended", "account", actor.account_id, whose=actor.account_id)


def network_words(address: str) -> str:
    """``203.0.113.…`` or ``2001:db8:1::…``: enough to know one's own again."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.version == 4:
        return f"{address.rsplit('.', 1)[0]}.…"
    return f"{ip_network((found, 48), strict=False).network_address}…"
