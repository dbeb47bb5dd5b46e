import secrets
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor, Grant
from svastha.domain.accounts.model import SignedIn, TokenSpent
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx, Tx
from svastha.kit.ids import uuid7

ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 7 * 24 * 3600


async def open_session(tx: ControlTx, account_id: UUID, *, kind: str, user_agent: str) -> SignedIn:
    """A browser keeps one token for the whole session; a program gets a short one and buys the next."""
    token, refresh_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    seconds = ACCESS_SECONDS if kind == "api" else REFRESH_SECONDS
    await tx.run(
        """
        INSERT INTO sessions (id, account_id, kind, token_hash, token_expires_at, refresh_hash, expires_at, user_agent)
        VALUES (:id, :account_id, :kind, :token_hash, now() + make_interval(secs => :seconds), :refresh_hash,
            now() + make_interval(secs => :refresh_seconds), :user_agent)
        """,
        id=uuid7(),
        account_id=account_id,
        kind=kind,
        token_hash=digest(token),
        seconds=seconds,
        refresh_hash=digest(refresh_token) if kind == "api" else None,
        refresh_seconds=REFRESH_SECONDS,
        user_agent=user_agent[:200].replace("\x00", ""),
    )
    return SignedIn(token, refresh_token, "Bearer", seconds)


class _Found(msgspec.Struct, frozen=True):
    account_id: UUID
    session_id: UUID
    email: str
    name: str
    locale: str
    zone: str
    grants: list[dict[str, str | None]]


async def actor_of(tx: Tx, token: str, *, kind: str) -> Actor | None:
    """Whose token this is, with what was granted, as of this very moment: sign-out and suspension act at once."""
    found = await tx.maybe(
        _Found,
        f"{_ACTORS} AND s.token_hash = :hash AND s.kind = :kind AND s.token_expires_at > now()",
        hash=digest(token),
        kind=kind,
    )
    return _actor(found) if found else None


async def still_there(tx: Tx, account_id: UUID) -> Actor | None:
    """For a connection that outlives the token it was opened with: the person, as long as any session of hers lives."""
    found = await tx.maybe(
        _Found, f"{_ACTORS} AND a.id = :id AND s.expires_at > now() ORDER BY s.expires_at DESC LIMIT 1", id=account_id
    )
    return _actor(found) if found else None


_ACTORS = """
    SELECT a.id AS account_id, s.id AS session_id, a.email::text AS email, a.name, a.locale, a.zone,
        coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'clinic_id', g.clinic_id)) FROM grants g
            WHERE g.account_id = a.id AND g.valid_from <= now()
            AND (g.valid_until IS NULL OR g.valid_until > now())), '[]') AS grants
    FROM sessions s JOIN accounts a ON a.id = s.account_id
    WHERE s.ended_at IS NULL AND a.suspended_at IS NULL
"""


def _actor(found: _Found) -> Actor:
    return Actor(
        found.account_id,
        found.session_id,
        found.email,
        found.name,
        found.locale,
        found.zone,
        tuple(msgspec.convert(found.grants, list[Grant])),
    )


class _Session(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID


async def refresh(tx: ControlTx, refresh_token: str) -> SignedIn:
    """The next pair of tokens. A refresh token that comes a second time was stolen from somebody: the session ends."""
    hashed, token, refresh_token = (digest(refresh_token), secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    found = await tx.maybe(
        _Session,
        """
        UPDATE sessions s SET token_hash = :token_hash, refresh_hash = :refresh_hash,
            token_expires_at = now() + make_interval(secs => :seconds),
            expires_at = now() + make_interval(secs => :refresh_seconds)
        FROM accounts a
        WHERE s.refresh_hash = :hashed AND s.ended_at IS NULL AND s.expires_at > now()
            AND a.id = s.account_id AND a.suspended_at IS NULL
        RETURNING s.id, s.account_id
        """,
        hashed=hashed,
        token_hash=digest(token),
        refresh_hash=digest(refresh_token),
        seconds=ACCESS_SECONDS,
        refresh_seconds=REFRESH_SECONDS,
    )
    if found is None:
        stolen: UUID | None = await tx.value(
            "UPDATE sessions SET ended_at = now(), ended_why = 'refresh token used twice' WHERE ended_at IS NULL"
            " AND id = (SELECT session_id FROM spent_refresh_tokens WHERE refresh_hash = :hashed) RETURNING account_id",
            hashed=hashed,
        )
        if stolen:
            audit.note(tx, stolen, "session_ended", "account", stolen, why="refresh token used twice")
        raise TokenSpent
    await tx.run(
        "INSERT INTO spent_refresh_tokens (refresh_hash, session_id) VALUES (:hashed, :id)", hashed=hashed, id=found.id
    )
    return SignedIn(token, refresh_token, "Bearer", ACCESS_SECONDS)


async def sign_out(tx: ControlTx, actor: Actor) -> None:
    await tx.run(
        "UPDATE sessions SET ended_at = now(), ended_why = 'signed out' WHERE id = :id AND ended_at IS NULL",
        id=actor.session_id,
    )
    audit.note(tx, actor.account_id, "sign_out", "account", actor.account_id)
