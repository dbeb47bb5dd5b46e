"""Keys by which other systems act for a clinic.

A key belongs to its clinic and does what its scopes say, never more than running the clinic allows and never anything
clinical. It stays when colleagues come and go, but ends with its maker: whoever made it has seen its secret. It counts
only while she runs the clinic; the day she is dismissed it is revoked. It is nobody's account, so it opens nothing that
is somebody's own, proves nothing afresh, and is no patient.
"""

import re
import secrets
from datetime import datetime
from ipaddress import ip_network
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor, Grant
from svastha.domain.accounts.grants import AboveYourOwn
from svastha.domain.accounts.permissions import FOR_KEYS
from svastha.domain.accounts.sessions import forget
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound

PREFIX = "svk_"
USUAL_DAYS, MOST_DAYS = 90, 365
MOST_KEYS, MOST_NETWORKS = 50, 20
LONGEST_NAME = 60
_TOKEN = re.compile(rf"{PREFIX}([0-9a-f]{{32}})_([A-Za-z0-9_-]{{43}})")


class TooManyKeys(Conflict):
    code = "too_many_keys"
    says = N_("The clinic has too many keys. Revoke one that is no longer used.")


class ApiKey(msgspec.Struct, frozen=True):
    """``prefix`` is how the key begins, to know it again; ``networks`` from where it may be used: anywhere if none."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    networks: list[str]
    by: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewApiKey(msgspec.Struct, frozen=True):
    """``key`` is shown this once: only its digest is kept."""

    id: UUID
    key: str
    expires_at: datetime


async def make_key(
    tx: ControlTx,
    actor: Actor,
    clinic_id: UUID,
    *,
    name: str,
    scopes: list[str],
    days: int = USUAL_DAYS,
    networks: list[str] | None = None,
) -> NewApiKey:
    """Raises Invalid, AboveYourOwn for a scope the maker does not hold herself, TooManyKeys."""
    name, allowed, errors = " ".join(name.split()), _networks(networks or []), []
    if not 1 <= len(name) <= LONGEST_NAME or "\x00" in name:
        errors.append(FieldError("name", N_("Please give it a name, at most 60 characters.")))
    if not scopes or not FOR_KEYS.issuperset(scopes):
        errors.append(FieldError("scopes", N_("Choose what it may do, from the list.")))
    if not 1 <= days <= MOST_DAYS:
        errors.append(FieldError("days", N_("A key is good for at least a day and at most a year.")))
    if allowed is None:
        errors.append(FieldError("networks", N_("Give at most 20 networks, such as 203.0.113.0/24, one a line.")))
    if errors:
        raise Invalid(*errors)
    if actor.key_id or not all(actor.may(scope, clinic_id) for scope in scopes):
        raise AboveYourOwn
    if len(await keys_of(tx, clinic_id)) >= MOST_KEYS:
        raise TooManyKeys
    id, secret = uuid7(), secrets.token_urlsafe(32)
    expires_at: datetime = await tx.value(
        "INSERT INTO api_keys (id, clinic_id, name, scopes, networks, secret_hash, made_by, expires_at)"
        " VALUES (:id, :clinic_id, :name, :scopes, :networks::text[]::cidr[], :hash, :by,"
        " now() + make_interval(days => :days)) RETURNING expires_at",
        id=id,
        clinic_id=clinic_id,
        name=name,
        scopes=sorted(set(scopes)),
        networks=allowed,
        hash=digest(secret),
        by=actor.account_id,
        days=days,
    )
    audit.note(tx, actor.account_id, "make", "api_key", id, why=" ".join(sorted(set(scopes))))
    return NewApiKey(id, f"{PREFIX}{id.hex}_{secret}", expires_at)


def _networks(typed: list[str]) -> list[str] | None:
    """As the database writes them; None if one of them is no network."""
    if len(typed) > MOST_NETWORKS:
        return None
    try:
        return [str(ip_network(text.strip(), strict=False)) for text in typed]
    except ValueError:
        return None


class _Listed(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    scopes: list[str]
    networks: list[str]
    by: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


async def keys_of(tx: ControlTx, clinic_id: UUID) -> list[ApiKey]:
    """Those that are neither revoked nor expired, newest first."""
    rows = await tx.all(
        _Listed,
        """
        SELECT k.id, k.name, k.scopes, k.networks::text[] AS networks, a.name AS by, k.made_at, k.expires_at,
            k.last_used_at
        FROM api_keys k JOIN accounts a ON a.id = k.made_by
        WHERE k.clinic_id = :clinic_id AND k.revoked_at IS NULL AND k.expires_at > now() ORDER BY k.id DESC
        """,
        clinic_id=clinic_id,
    )
    return [
        ApiKey(
            row.id,
            row.name,
            f"{PREFIX}{row.id.hex}",
            row.scopes,
            row.networks,
            row.by,
            row.made_at,
            row.expires_at,
            row.last_used_at,
        )
        for row in rows
    ]


async def revoke_key(tx: ControlTx, actor: Actor, clinic_id: UUID, key_id: UUID) -> None:
    """It opens nothing from this moment. Raises NotFound."""
    revoked = await tx.run(
        "UPDATE api_keys SET revoked_at = now(), revoked_by = :by"
        " WHERE id = :id AND clinic_id = :clinic_id AND revoked_at IS NULL",
        id=key_id,
        clinic_id=clinic_id,
        by=actor.account_id,
    )
    if not revoked:
        raise NotFound
    forget(tx, key_id)
    audit.note(tx, actor.account_id, "revoke", "api_key", key_id)


class _Used(msgspec.Struct, frozen=True):
    id: UUID
    clinic_id: UUID
    name: str
    scopes: list[str]
    zone: str
    changes_at: datetime
    used: bool


async def key_actor_of(tx: ControlTx, token: str, address: str) -> Actor | None:
    """The clinic's system whose key this is, coming from this IP address; None for a key that is not good (there).

    It is remembered for a minute at most, so that is how often its use is written down.
    """
    known = _TOKEN.fullmatch(token)
    if known is None:
        return None
    found = await tx.maybe(
        _Used,
        """
        SELECT k.id, k.clinic_id, k.name, k.scopes, c.zone, least(k.expires_at, g.valid_until) AS changes_at,
            k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS used
        FROM api_keys k JOIN clinics c ON c.id = k.clinic_id JOIN accounts a ON a.id = k.made_by
            JOIN grants g ON g.account_id = k.made_by AND g.clinic_id = k.clinic_id AND g.role = 'clinic_admin'
        WHERE k.id = :id AND k.secret_hash = :hash AND k.revoked_at IS NULL AND k.expires_at > now()
            AND (k.networks = '{}' OR nullif(:address, '')::inet <<= ANY(k.networks))
            AND a.suspended_at IS NULL AND a.closed_at IS NULL
            AND g.valid_from <= now() AND (g.valid_until IS NULL OR g.valid_until > now())
        """,
        id=UUID(known.group(1)),
        hash=digest(known.group(2)),
        address=address,
    )
    if found is None:
        return None
    if found.used:
        await tx.run("UPDATE api_keys SET last_used_at = now() WHERE id = :id", id=found.id)
        audit.note(tx, found.id, "use", "api_key", found.id)
    return Actor(
        found.id,
        found.id,
        "",
        found.name,
        "en",
        found.zone,
        grants=(Grant("clinic_admin", found.clinic_id),),
        scopes=FOR_KEYS.intersection(found.scopes),
        key_id=found.id,
        changes_at=found.changes_at,
    )
