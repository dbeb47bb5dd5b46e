import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.model import HandOverOver, SignedIn
from svastha.domain.accounts.sessions import open_session
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx


async def hand_over(tx: ControlTx, actor: Actor, *, host: str, asked: str) -> str:
    """A token that opens one session at ``host``, within a minute, in the browser that knows what ``asked`` is the
    digest of."""
    token = secrets.token_urlsafe(32)
    await tx.run(
        "INSERT INTO hand_overs (token_hash, session_id, host, asked_hash, expires_at)"
        " VALUES (:token_hash, :session_id, :host, :asked_hash, now() + interval '1 minute')",
        token_hash=digest(token),
        session_id=actor.session_id,
        host=host,
        asked_hash=digest(asked),
    )
    return token


class _Parent(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID
    method: str
    second_factor: bool
    proven_at: datetime
    device_id: UUID | None


async def take_over(
    tx: ControlTx, token: str, *, host: str, asked: str, user_agent: str = "", address: str = ""
) -> SignedIn:
    """The session at ``host``: as much proven as the one it came from, and ending with it. Raises HandOverOver,
    also for a browser that was not sent (``asked`` is empty): else anybody could sign others in as herself."""
    if not asked:
        raise HandOverOver
    parent = await tx.maybe(
        _Parent,
        """
        WITH used AS (DELETE FROM hand_overs WHERE token_hash = :token_hash RETURNING *)
        SELECT p.id, p.account_id, p.method, p.second_factor, p.proven_at, p.device_id
        FROM used JOIN sessions s ON s.id = used.session_id JOIN sessions p ON p.id = coalesce(s.parent_id, s.id)
            JOIN accounts a ON a.id = p.account_id
        WHERE used.host = :host AND used.asked_hash = :asked_hash AND used.expires_at > now()
            AND s.ended_at IS NULL AND s.expires_at > now() AND p.ended_at IS NULL AND p.expires_at > now()
            AND a.suspended_at IS NULL AND a.closed_at IS NULL
        """,
        token_hash=digest(token),
        host=host,
        asked_hash=digest(asked),
    )
    if parent is None:
        raise HandOverOver
    signed = await open_session(
        tx,
        parent.account_id,
        kind="browser",
        user_agent=user_agent,
        address=address,
        method=parent.method,
        second_factor=parent.second_factor,
        device_id=parent.device_id,
        parent_id=parent.id,
        host=host,
    )
    await tx.run(
        "UPDATE sessions s SET proven_at = :proven_at, expires_at = least(s.expires_at, p.expires_at)"
        " FROM sessions p WHERE p.id = s.parent_id AND s.token_hash = :token_hash",
        proven_at=parent.proven_at,
        token_hash=digest(signed.access_token),
    )
    audit.note(tx, parent.account_id, "sign_in", "account", parent.account_id, why=f"handed over to {host}")
    return signed
