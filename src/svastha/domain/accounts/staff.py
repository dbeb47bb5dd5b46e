from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import factors
from svastha.domain.accounts.actor import Actor
from svastha.kit.db import ControlTx, Tx
from svastha.kit.refusals import NotFound


class Staff(msgspec.Struct, frozen=True):
    """Somebody who works at a clinic, with the roles she was granted there."""

    account_id: UUID
    name: str
    roles: list[str]
    since: datetime


async def staff_of(tx: Tx, actor: Actor, clinic_id: UUID) -> list[Staff]:
    """For whoever runs the clinic; NotFound for anybody else."""
    if not actor.is_a("clinic_admin", clinic_id):
        raise NotFound
    return await tx.all(
        Staff,
        """
        SELECT a.id AS account_id, a.name, array_agg(g.role ORDER BY g.role) AS roles, min(g.valid_from) AS since
        FROM grants g JOIN accounts a ON a.id = g.account_id
        WHERE g.clinic_id = :clinic_id AND g.valid_from <= now() AND (g.valid_until IS NULL OR g.valid_until > now())
            AND a.suspended_at IS NULL
        GROUP BY a.id ORDER BY a.name, a.id
        """,
        clinic_id=clinic_id,
    )


class Post(msgspec.Struct, frozen=True):
    """A role somebody holds, or will hold from ``from_at`` on. ``by``: who gave it; empty: the house itself."""

    id: UUID
    role: str
    from_at: datetime
    until: datetime | None
    by: str


class Person(msgspec.Struct, frozen=True):
    """Somebody who works at a clinic or for the platform. ``seen_at``: when she last used a session."""

    account_id: UUID
    name: str
    posts: list[Post]
    seen_at: datetime | None
    second_factor: bool
    suspended: bool


class _Row(msgspec.Struct, frozen=True):
    account_id: UUID
    name: str
    suspended: bool
    seen_at: datetime | None
    posts: list[dict[str, Any]]


async def people_of(tx: ControlTx, clinic_id: UUID | None, account_id: UUID | None = None) -> list[Person]:
    """Who works at this clinic, or without one for the platform, by name; or one of them alone."""
    rows = await tx.all(
        _Row,
        """
        SELECT a.id AS account_id, a.name, a.suspended_at IS NOT NULL AS suspended,
            (SELECT max(s.last_seen_at) FROM sessions s WHERE s.account_id = a.id) AS seen_at,
            jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'from_at', g.valid_from, 'until', g.valid_until,
                'by', coalesce(b.name, '')) ORDER BY g.role) AS posts
        FROM grants g JOIN accounts a ON a.id = g.account_id LEFT JOIN accounts b ON b.id = g.granted_by
        WHERE g.clinic_id IS NOT DISTINCT FROM :clinic_id AND (g.valid_until IS NULL OR g.valid_until > now())
            AND a.closed_at IS NULL AND (:account_id::uuid IS NULL OR a.id = :account_id)
        GROUP BY a.id ORDER BY a.name, a.id
        """,
        clinic_id=clinic_id,
        account_id=account_id,
    )
    enrolled = await factors.enrolled(tx, [row.account_id for row in rows])
    return [
        Person(
            row.account_id,
            row.name,
            msgspec.convert(row.posts, list[Post]),
            row.seen_at,
            row.account_id in enrolled,
            row.suspended,
        )
        for row in rows
    ]


async def holders_of(tx: ControlTx, clinic_id: UUID, roles: list[str]) -> list[UUID]:
    """Accounts that hold any of these roles there."""
    found: list[UUID] = await tx.value(
        "SELECT coalesce(array_agg(DISTINCT account_id), '{}') FROM grants"
        " WHERE clinic_id = :clinic_id AND role = ANY(:roles::text[])",
        clinic_id=clinic_id,
        roles=roles,
    )
    return found


async def workplaces(tx: Tx, actor: Actor, *roles: str) -> list[str]:
    """Slugs of the open clinics where the actor holds one of these roles."""
    slugs: list[str] = await tx.value(
        "SELECT coalesce(array_agg(slug ORDER BY slug), '{}') FROM clinics"
        " WHERE id = ANY(:ids::uuid[]) AND open_since IS NOT NULL",
        ids=[grant.clinic_id for grant in actor.grants if grant.role in roles and grant.clinic_id],
    )
    return slugs
