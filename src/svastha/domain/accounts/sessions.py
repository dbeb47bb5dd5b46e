import secrets
from datetime import UTC, datetime
from time import time
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor, Grant
from svastha.domain.accounts.contacts import CONTACTS, reachable_at
from svastha.domain.accounts.model import SignedIn, TokenSpent
from svastha.domain.accounts.permissions import SECOND_FACTOR
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7

ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 7 * 24 * 3600
LONGEST_DAYS = 30  # however often a program refreshes

# In a browser: how long without a request, and how long at all. Whoever works somewhere sees other people's records.
IDLE = {True: "1 hour", False: "7 days"}
LASTS = {True: "12 hours", False: "7 days"}


async def open_session(
    tx: ControlTx,
    account_id: UUID,
    *,
    kind: str,
    user_agent: str = "",
    address: str = "",
    method: str = "password",
    second_factor: bool = False,
    device_id: UUID | None = None,
    parent_id: UUID | None = None,
    host: str = "",
) -> SignedIn:
    """A browser keeps one token for the whole session, known by its digest; a program gets a short signed one that
    names the session, and buys the next. ``method`` is how she showed who she is, ``address`` from where."""
    id, token, refresh_token = uuid7(), secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    api = kind == "api"
    await tx.run(
        f"""
        INSERT INTO sessions (id, account_id, kind, token_hash, token_expires_at, refresh_hash, idle, expires_at,
            ends_at, user_agent, address, method, second_factor, device_id, parent_id, host)
        SELECT :id::uuid, :account_id::uuid, :kind::text, :token_hash::bytea, now() + lasts, :refresh_hash::bytea, idle,
            now() + lasts, now() + CASE :kind WHEN 'api' THEN interval '{LONGEST_DAYS} days' ELSE lasts END,
            :user_agent::text, :address::text, :method::text, :second_factor::boolean, :device_id::uuid,
            :parent_id::uuid, :host::text
        FROM (SELECT CASE WHEN works THEN interval '{IDLE[True]}' ELSE '{IDLE[False]}' END AS idle,
                CASE WHEN works THEN interval '{LASTS[True]}' ELSE '{LASTS[False]}' END AS lasts
            FROM (SELECT :kind = 'browser' AND EXISTS (SELECT 1 FROM grants WHERE account_id = :account_id
                AND (valid_until IS NULL OR valid_until > now())) AS works) w) limits
        """,
        id=id,
        account_id=account_id,
        kind=kind,
        token_hash=None if api else digest(token),
        refresh_hash=digest(refresh_token) if api else None,
        user_agent=user_agent[:200].replace("\x00", ""),
        address=address,
        method=method,
        second_factor=second_factor,
        device_id=device_id,
        parent_id=parent_id,
        host=host,
    )
    if api:
        return SignedIn(access_token(tx, account_id, id), refresh_token, "Bearer", ACCESS_SECONDS)
    return SignedIn(token, refresh_token, "Bearer", REFRESH_SECONDS)


def access_token(tx: ControlTx, account_id: UUID, session_id: UUID) -> str:
    """Signed, good for ``ACCESS_SECONDS``. It names the session and carries no right of its own."""
    return tx.keys.sign({"sub": str(account_id), "sid": str(session_id), "exp": int(time()) + ACCESS_SECONDS})


async def shorten(tx: ControlTx, account_id: UUID) -> None:
    """She works somewhere from now on: sessions opened when she did not last no longer than one opened today would."""
    await tx.run(
        f"UPDATE sessions SET idle = least(idle, interval '{IDLE[True]}'),"
        f" expires_at = least(expires_at, now() + interval '{LASTS[True]}')"
        " WHERE account_id = :account_id AND kind = 'browser' AND ended_at IS NULL",
        account_id=account_id,
    )


class _Found(msgspec.Struct, frozen=True):
    account_id: UUID
    session_id: UUID
    name: str
    locale: str
    zone: str
    proven_at: datetime
    second_factor: bool
    contacts: list[dict[str, Any]]
    grants: list[dict[str, Any]]
    changes_at: datetime


async def actor_of(tx: ControlTx, token: str, *, kind: str) -> Actor | None:
    """Whose token this is, with what was granted, as of this very moment: sign-out and suspension act at once."""
    if kind == "api":
        claims = tx.keys.claims_of(token)
        if claims is None:
            return None
        which, value, expires = "s.id = :value::uuid", claims["sid"], datetime.fromtimestamp(claims["exp"], UTC)
    else:
        which, value, expires = "s.token_hash = :value::bytea", digest(token), datetime.max.replace(tzinfo=UTC)
    found = await tx.maybe(
        _Found,
        "WITH seen AS (UPDATE sessions s SET last_seen_at = now()"
        f" WHERE {which} AND last_seen_at < now() - interval '1 minute' AND last_seen_at > now() - idle)"
        f"{_ACTORS} AND {which} AND s.kind = :kind AND s.expires_at > now()",
        value=value,
        kind=kind,
        second_factor=list(SECOND_FACTOR),
    )
    return _actor(tx, found, expires) if found else None


async def still_there(tx: ControlTx, account_id: UUID, session_id: UUID | None = None) -> Actor | None:
    """For a connection that outlives the token it was opened with: the person, as long as the session lives it was
    opened in; without one, any session of hers."""
    found = await tx.maybe(
        _Found,
        f"{_ACTORS} AND a.id = :id AND s.expires_at > now()"
        " AND (:session_id::uuid IS NULL OR s.id = :session_id)"
        " ORDER BY s.second_factor DESC, s.expires_at DESC LIMIT 1",
        id=account_id,
        session_id=session_id,
        second_factor=list(SECOND_FACTOR),
    )
    return _actor(tx, found, found.changes_at) if found else None


_ACTORS = f"""
    SELECT a.id AS account_id, s.id AS session_id, a.name, a.locale, a.zone, s.proven_at, s.second_factor,
        {CONTACTS} AS contacts,
        coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'clinic_id', g.clinic_id, 'withheld',
            NOT s.second_factor AND (g.role = ANY(:second_factor::text[])
                OR g.role = ANY(coalesce(c.second_factor_roles, '{{}}')))))
            FROM grants g LEFT JOIN clinics c ON c.id = g.clinic_id WHERE g.account_id = a.id AND g.valid_from <= now()
            AND NOT (g.role = 'doctor' AND EXISTS (SELECT FROM doctors d WHERE d.id = a.id AND d.state = 'suspended'))
            AND (g.valid_until IS NULL OR g.valid_until > now())), '[]') AS grants,
        least(s.expires_at, (SELECT min(edge) FROM grants g, unnest(ARRAY[g.valid_from, g.valid_until]) edge
            WHERE g.account_id = a.id AND edge > now())) AS changes_at
    FROM sessions s JOIN accounts a ON a.id = s.account_id
    WHERE s.ended_at IS NULL AND s.last_seen_at > now() - s.idle AND a.suspended_at IS NULL AND a.closed_at IS NULL
"""


def _actor(tx: ControlTx, found: _Found, expires: datetime) -> Actor:
    return Actor(
        found.account_id,
        found.session_id,
        reachable_at(tx, found.contacts, "email"),
        found.name,
        found.locale,
        found.zone,
        grants=_grants(found, withheld=False),
        phone=reachable_at(tx, found.contacts, "phone"),
        proven_at=found.proven_at,
        second_factor=found.second_factor,
        withheld=_grants(found, withheld=True),
        changes_at=min(found.changes_at, expires),
    )


def _grants(found: _Found, *, withheld: bool) -> tuple[Grant, ...]:
    return tuple(msgspec.convert([one for one in found.grants if one["withheld"] is withheld], list[Grant]))


class _Session(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID


async def refresh(tx: ControlTx, refresh_token: str) -> SignedIn:
    """The next pair of tokens. A refresh token that comes a second time was stolen from somebody: the session ends."""
    hashed, refresh_token = digest(refresh_token), secrets.token_urlsafe(32)
    found = await tx.maybe(
        _Session,
        """
        UPDATE sessions s SET refresh_hash = :refresh_hash, last_seen_at = now(),
            expires_at = least(now() + make_interval(secs => :seconds), s.ends_at)
        FROM accounts a
        WHERE s.refresh_hash = :hashed AND s.ended_at IS NULL AND s.expires_at > now()
            AND a.id = s.account_id AND a.suspended_at IS NULL AND a.closed_at IS NULL
        RETURNING s.id, s.account_id
        """,
        hashed=hashed,
        refresh_hash=digest(refresh_token),
        seconds=REFRESH_SECONDS,
    )
    if found is None:
        stolen: UUID | None = await tx.value(
            "UPDATE sessions SET ended_at = now(), ended_why = 'refresh token used twice' WHERE ended_at IS NULL"
            " AND id = (SELECT session_id FROM spent_refresh_tokens WHERE refresh_hash = :hashed) RETURNING account_id",
            hashed=hashed,
        )
        if stolen:
            forget(tx, stolen)
            audit.note(tx, stolen, "session_ended", "account", stolen, why="refresh token used twice")
        raise TokenSpent
    await tx.run(
        "INSERT INTO spent_refresh_tokens (refresh_hash, session_id) VALUES (:hashed, :id)", hashed=hashed, id=found.id
    )
    return SignedIn(access_token(tx, found.account_id, found.id), refresh_token, "Bearer", ACCESS_SECONDS)


async def raise_session(tx: ControlTx, actor: Actor, *, second_factor: bool) -> str:
    """She has just shown again who she is: the session is fresh, and if she showed a second factor it now counts.

    Returns the token that replaces a browser's; a program keeps its own.
    """
    token = secrets.token_urlsafe(32)
    await tx.run(
        "UPDATE sessions SET proven_at = now(), second_factor = second_factor OR :second_factor,"
        " token_hash = CASE kind WHEN 'browser' THEN :token_hash::bytea END WHERE id = :id AND ended_at IS NULL",
        id=actor.session_id,
        second_factor=second_factor,
        token_hash=digest(token),
    )
    forget(tx, actor.account_id)
    audit.note(tx, actor.account_id, "prove_again", "account", actor.account_id)
    return token


async def sign_out(tx: ControlTx, actor: Actor) -> None:
    """Ends this session, the one it came from, and all that came from that."""
    await tx.run(
        """
        WITH this AS (SELECT coalesce(parent_id, id) AS id FROM sessions WHERE id = :id)
        UPDATE sessions s SET ended_at = now(), ended_why = 'signed out' FROM this
        WHERE (s.id = this.id OR s.parent_id = this.id) AND s.ended_at IS NULL
        """,
        id=actor.session_id,
    )
    forget(tx, actor.account_id)
    audit.note(tx, actor.account_id, "sign_out", "account", actor.account_id)


async def end_all(tx: ControlTx, account_id: UUID, *, why: str, but: UUID | None = None) -> None:
    """End every session of this account, perhaps but one with what came from it; and every sign-in half done, which
    may have begun with a password that is no longer hers."""
    await tx.run("DELETE FROM challenges WHERE account_id = :account_id", account_id=account_id)
    await tx.run(
        "UPDATE sessions SET ended_at = now(), ended_why = :why WHERE account_id = :account_id AND ended_at IS NULL"
        " AND (:but::uuid IS NULL OR (id <> :but AND parent_id IS DISTINCT FROM :but))",
        account_id=account_id,
        why=why,
        but=but,
    )
    forget(tx, account_id)


def forget(tx: ControlTx, account_id: UUID) -> None:
    """What anybody remembers of this person's sessions and rights is no longer true once this has committed."""
    tx.forgotten.add(account_id)
