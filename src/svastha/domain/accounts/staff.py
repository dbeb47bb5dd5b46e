from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.accounts.actor import Actor
from svastha.kit.db import Tx
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


async def workplaces(tx: Tx, actor: Actor, *roles: str) -> list[str]:
    """Slugs of the open clinics where the actor holds one of these roles."""
    slugs: list[str] = await tx.value(
        "SELECT coalesce(array_agg(slug ORDER BY slug), '{}') FROM clinics"
        " WHERE id = ANY(:ids::uuid[]) AND open_since IS NOT NULL",
        ids=[grant.clinic_id for grant in actor.grants if grant.role in roles and grant.clinic_id],
    )
    return slugs
