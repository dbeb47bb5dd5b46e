from collections import defaultdict
from collections.abc import Sequence
from datetime import time
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.schedule.model import TimesChanged
from svastha.domain.schedule.week import meet, wrong_rows
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound

MOST_HOURS = 42
LONGEST_NAME, LONGEST_ADDRESS = 80, 300


class BranchHours(msgspec.Struct, frozen=True):
    """Wall-clock hours of one weekday (1 is Monday); a break is the gap between two of them."""

    weekday: int
    opens: time
    closes: time


class Branch(msgspec.Struct, frozen=True):
    """``hours`` empty: open at any time. ``closed``: for good."""

    id: UUID
    name: str
    address: str
    closed: bool
    hours: list[BranchHours]


class BranchTaken(Conflict):
    code = "branch_name_taken"
    says = N_("There is a branch of this name already.")


class BranchInUse(Conflict):
    """``doctors``: the names of those who have hours there."""

    code = "branch_in_use"
    says = N_("Doctors still have hours at this branch: {doctors}. Change those first.")


class _Branch(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    address: str
    closed: bool
    hours: list[dict[str, object]]


_BRANCHES = """
    SELECT b.id, b.name, b.address, b.closed_at IS NOT NULL AS closed, coalesce((
        SELECT jsonb_agg(jsonb_build_object('weekday', h.weekday, 'opens', h.opens, 'closes', h.closes)
            ORDER BY h.weekday, h.opens) FROM branch_hours h WHERE h.branch_id = b.id), '[]') AS hours
    FROM branches b
"""


async def branches(tx: ClinicTx) -> list[Branch]:
    """Those that are closed for good come last."""
    rows = await tx.all(_Branch, f"{_BRANCHES} ORDER BY b.closed_at IS NOT NULL, b.name")
    return msgspec.convert(rows, list[Branch], from_attributes=True)


async def branch(tx: ClinicTx, branch_id: UUID) -> Branch:
    row = await tx.maybe(_Branch, f"{_BRANCHES} WHERE b.id = :id", id=branch_id)
    if row is None:
        raise NotFound
    return msgspec.convert(row, Branch, from_attributes=True)


async def open_branch(
    tx: ClinicTx, actor: Actor, *, name: str, address: str, hours: Sequence[BranchHours] = ()
) -> Branch:
    name, address = _checked(name, address, hours)
    branch_id = uuid7()
    async with tx.refusing(one_branch_per_name=BranchTaken):
        await tx.run(
            "INSERT INTO branches (id, name, address) VALUES (:id, :name, :address)",
            id=branch_id,
            name=name,
            address=address,
        )
    await _set_hours(tx, branch_id, hours)
    audit.note(tx, actor.account_id, "make", "branch", branch_id)
    return await branch(tx, branch_id)


async def change_branch(
    tx: ClinicTx, actor: Actor, branch_id: UUID, *, name: str, address: str, hours: Sequence[BranchHours]
) -> Branch:
    """Its hours are those of everybody who works there, so that their free times change with them."""
    name, address = _checked(name, address, hours)
    async with tx.refusing(one_branch_per_name=BranchTaken):
        changed = await tx.run(
            "UPDATE branches SET name = :name, address = :address WHERE id = :id AND closed_at IS NULL",
            id=branch_id,
            name=name,
            address=address,
        )
    if not changed:
        raise NotFound
    await _set_hours(tx, branch_id, hours)
    for doctor_id in await doctors_at(tx, branch_id):
        announce(tx, TimesChanged(doctor_id))
    audit.note(tx, actor.account_id, "change", "branch", branch_id)
    return await branch(tx, branch_id)


async def close_branch(tx: ClinicTx, actor: Actor, branch_id: UUID) -> None:
    """For good. What was done there stays where it was done. Raises :class:`BranchInUse`."""
    if not await tx.run("SELECT FROM branches WHERE id = :id FOR UPDATE", id=branch_id):
        raise NotFound
    names = await tx.value(
        "SELECT string_agg(name, ', ' ORDER BY name) FROM practitioners WHERE doctor_id = ANY(:doctors)",
        doctors=await doctors_at(tx, branch_id),
    )
    if names:
        raise BranchInUse(doctors=names)
    if await tx.run("UPDATE branches SET closed_at = now() WHERE id = :id AND closed_at IS NULL", id=branch_id):
        await tx.run(
            "UPDATE resources SET retired_at = now() WHERE branch_id = :id AND retired_at IS NULL", id=branch_id
        )
        audit.note(tx, actor.account_id, "end", "branch", branch_id)


async def doctors_at(tx: ClinicTx, branch_id: UUID) -> list[UUID]:
    """Whoever has hours there, or will have."""
    found: list[UUID] = await tx.value(
        "SELECT coalesce(array_agg(DISTINCT doctor_id), '{}') FROM ("
        " SELECT doctor_id FROM weekly_hours WHERE branch_id = :id UNION ALL"
        " SELECT doctor_id FROM exceptions WHERE branch_id = :id AND NOT closed"
        " AND coalesce(until, CASE WHEN repeats = 'once' THEN day END, 'infinity') >= current_date - 1) d",
        id=branch_id,
    )
    return found


class _Place(msgspec.Struct, frozen=True):
    branch_id: UUID
    resources: list[UUID]


async def wrong_places(tx: ClinicTx, rows: Sequence[tuple[str, UUID | None, Sequence[UUID]]]) -> list[FieldError]:
    """Of rows (field, branch, resources), those whose branch or resource is not there or no longer. The others stay
    open until this transaction ends."""
    wanted = {branch_id for _, branch_id, _ in rows if branch_id}
    if not wanted:
        return []
    await tx.run("SELECT FROM branches WHERE id = ANY(:ids::uuid[]) ORDER BY id FOR SHARE", ids=list(wanted))
    found = await tx.all(
        _Place,
        "SELECT b.id AS branch_id, coalesce(array_agg(r.id) FILTER (WHERE r.id IS NOT NULL), '{}') AS resources"
        " FROM branches b LEFT JOIN resources r ON r.branch_id = b.id AND r.retired_at IS NULL"
        " WHERE b.id = ANY(:ids::uuid[]) AND b.closed_at IS NULL GROUP BY b.id",
        ids=list(wanted),
    )
    known: dict[UUID, set[UUID]] = defaultdict(set, {one.branch_id: set(one.resources) for one in found})
    wrong = []
    for field, branch_id, resources in rows:
        if branch_id and branch_id not in known:
            wrong.append(FieldError(f"{field}.branch_id", N_("There is no such branch, or it has closed.")))
        elif branch_id and not set(resources) <= known[branch_id]:
            wrong.append(FieldError(f"{field}.resources", N_("This room or device is not at this branch.")))
        elif len(set(resources)) < len(resources):
            wrong.append(FieldError(f"{field}.resources", N_("Each room or device once, please.")))
    return wrong


def _checked(name: str, address: str, hours: Sequence[BranchHours]) -> tuple[str, str]:
    name, address = name.strip(), address.strip()
    wrong = list(wrong_rows("hours", hours, MOST_HOURS))
    if not 1 <= len(name) <= LONGEST_NAME:
        wrong.append(FieldError("name", N_("A name of at most 80 characters, please.")))
    if len(address) > LONGEST_ADDRESS:
        wrong.append(FieldError("address", N_("This is too long.")))
    if not wrong:
        wrong = [
            FieldError(f"hours.{n}.opens", N_("These hours overlap others."))
            for n, one in enumerate(hours)
            if any(meet(one, other) for other in hours[:n])
        ]
    if wrong:
        raise Invalid(*wrong)
    return name, address


async def _set_hours(tx: ClinicTx, branch_id: UUID, hours: Sequence[BranchHours]) -> None:
    await tx.run("DELETE FROM branch_hours WHERE branch_id = :id", id=branch_id)
    await tx.run(
        "INSERT INTO branch_hours (branch_id, weekday, opens, closes) SELECT :id, weekday, opens, closes"
        " FROM jsonb_to_recordset(:hours) AS r(weekday int, opens time, closes time)",
        id=branch_id,
        hours=msgspec.to_builtins(list(hours)),
    )
