import secrets
from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.calendars.model import MOST, Feed, Kind, NewFeed, TooManyFeeds
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7
from svastha.kit.refusals import NotFound

_FEEDS = """
    SELECT f.id, f.kind, coalesce(c.slug, '') AS clinic, f.branch_id, a.name AS made_by, f.made_at, f.used_at
    FROM feeds f JOIN accounts a ON a.id = f.account_id LEFT JOIN clinics c ON c.id = f.clinic_id
    WHERE f.revoked_at IS NULL
"""


async def make_feed(
    tx: ControlTx, actor: Actor, kind: Kind, *, clinic_id: UUID | None = None, branch_id: UUID | None = None
) -> NewFeed:
    """The caller has asked whether she may. Raises TooManyFeeds; NotFound for a doctor's feed of nobody who is one."""
    if kind == "doctor" and "doctor" not in actor.roles:
        raise NotFound
    await tx.value("SELECT 1 FROM accounts WHERE id = :id FOR UPDATE", id=actor.account_id)
    live: int = await tx.value(
        "SELECT count(*) FROM feeds WHERE account_id = :id AND revoked_at IS NULL", id=actor.account_id
    )
    if live >= MOST:
        raise TooManyFeeds
    made = NewFeed(uuid7(), secrets.token_urlsafe(24))
    await tx.run(
        "INSERT INTO feeds (id, account_id, kind, clinic_id, branch_id, secret_hash)"
        " VALUES (:id, :account_id, :kind, :clinic_id, :branch_id, :hash)",
        id=made.id,
        account_id=actor.account_id,
        kind=kind,
        clinic_id=clinic_id,
        branch_id=branch_id,
        hash=digest(made.secret),
    )
    audit.note(tx, actor.account_id, "make", "feed", made.id, why=kind, whose=actor.account_id)
    return made


async def feeds_of(tx: ControlTx, actor: Actor) -> list[Feed]:
    """All that she made and did not revoke, newest first."""
    return await tx.all(Feed, f"{_FEEDS} AND f.account_id = :id ORDER BY f.id DESC", id=actor.account_id)


async def feeds_of_clinic(tx: ControlTx, clinic_id: UUID) -> list[Feed]:
    """Everybody's, of the clinic and its branches. The caller has asked whether she may see them."""
    return await tx.all(Feed, f"{_FEEDS} AND f.clinic_id = :id ORDER BY f.id DESC", id=clinic_id)


async def revoke_feed(tx: ControlTx, actor: Actor, feed_id: UUID, *, clinic_id: UUID | None = None) -> None:
    """Her own, or with ``clinic_id``, where the caller has asked whether she may, any of that clinic. To repeat it
    changes nothing. Raises NotFound."""
    whose: UUID | None = await tx.value(
        "SELECT account_id FROM feeds WHERE id = :id AND (account_id = :me OR clinic_id = :clinic_id)",
        id=feed_id,
        me=actor.account_id,
        clinic_id=clinic_id,
    )
    if whose is None:
        raise NotFound
    if await tx.run(
        "UPDATE feeds SET revoked_at = now(), revoked_by = :me WHERE id = :id AND revoked_at IS NULL",
        id=feed_id,
        me=actor.account_id,
    ):
        audit.note(tx, actor.account_id, "revoke", "feed", feed_id, whose=whose)
