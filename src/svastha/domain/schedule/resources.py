from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound

ResourceKind = Literal["room", "therapy_room", "equipment"]
LONGEST_NAME = 80


class Resource(msgspec.Struct, frozen=True):
    """A room or a device: what a visit may need beside the doctor, one visit at a time."""

    id: UUID
    branch_id: UUID
    kind: ResourceKind
    name: str
    retired: bool


class ResourceTaken(Conflict):
    code = "resource_name_taken"
    says = N_("This branch has a room or device of this name already.")


class ResourceInUse(Conflict):
    """``doctors``: the names of those whose hours need it."""

    code = "resource_in_use"
    says = N_("Hours of these doctors need it: {doctors}. Change those first.")


_RESOURCES = "SELECT id, branch_id, kind, name, retired_at IS NOT NULL AS retired FROM resources"


async def resources(tx: ClinicTx) -> list[Resource]:
    """Those that are no longer used come last."""
    return await tx.all(Resource, f"{_RESOURCES} ORDER BY retired_at IS NOT NULL, branch_id, kind, name")


async def add_resource(tx: ClinicTx, actor: Actor, *, branch_id: UUID, kind: ResourceKind, name: str) -> Resource:
    name, resource_id = name.strip(), uuid7()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(FieldError("name", N_("A name of at most 80 characters, please.")))
    if not await tx.run("SELECT FROM branches WHERE id = :id AND closed_at IS NULL FOR SHARE", id=branch_id):
        raise Invalid(FieldError("branch_id", N_("There is no such branch, or it has closed.")))
    async with tx.refusing(one_resource_per_name=ResourceTaken):
        await tx.run(
            "INSERT INTO resources (id, branch_id, kind, name) VALUES (:id, :branch_id, :kind, :name)",
            id=resource_id,
            branch_id=branch_id,
            kind=kind,
            name=name,
        )
    audit.note(tx, actor.account_id, "make", "resource", resource_id)
    return Resource(resource_id, branch_id, kind, name, False)


async def retire_resource(tx: ClinicTx, actor: Actor, resource_id: UUID) -> None:
    """It is booked no more; visits that have it keep it. Raises :class:`ResourceInUse`."""
    # Whoever sets hours holds the branch, so that neither of the two misses what the other does.
    if not await tx.run(
        "SELECT FROM branches WHERE id = (SELECT branch_id FROM resources WHERE id = :id) FOR UPDATE", id=resource_id
    ):
        raise NotFound
    names = await tx.value(
        "SELECT string_agg(name, ', ' ORDER BY name) FROM practitioners WHERE doctor_id IN ("
        " SELECT doctor_id FROM weekly_hours WHERE :id = ANY(resources) UNION ALL"
        " SELECT doctor_id FROM exceptions WHERE :id = ANY(resources) AND NOT closed"
        " AND coalesce(until, CASE WHEN repeats = 'once' THEN day END, 'infinity') >= current_date - 1)",
        id=resource_id,
    )
    if names:
        raise ResourceInUse(doctors=names)
    if await tx.run("UPDATE resources SET retired_at = now() WHERE id = :id AND retired_at IS NULL", id=resource_id):
        audit.note(tx, actor.account_id, "end", "resource", resource_id)
