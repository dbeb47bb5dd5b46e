from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.doctors.model import State
from svastha.kit.db import ControlTx
from svastha.kit.refusals import NotFound


class Listed(msgspec.Struct, frozen=True):
    """An application on the desk. ``clashes``: how many others tried to register with the same number."""

    id: UUID
    name: str
    council: str
    registration_no: str
    qualifications: str
    state: State
    state_since: datetime
    valid_to: date | None
    lapsed: bool
    clashes: int


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended."""

    since: datetime
    doctor_id: UUID


class Clash(msgspec.Struct, frozen=True):
    """Somebody else with the same council and number. ``theirs``: she has it and this doctor tried to take it."""

    doctor_id: UUID
    name: str
    state: State
    at: datetime
    theirs: bool


async def listed(
    tx: ControlTx, actor: Actor, *, state: State | None = None, q: str = "", after: Place | None = None, limit: int = 50
) -> list[Listed]:
    """Those in this state, who wait longest first; without one, all but drafts. ``q``: part of a name or a number."""
    if not actor.may("doctor.verify"):
        raise NotFound
    return await tx.all(
        Listed,
        r"""
        SELECT id, name, council, registration_no, qualifications, state, state_since, valid_to,
            state = 'verified' AND NOT may_practise(d) AS lapsed,
            (SELECT count(*)::int FROM registration_clashes WHERE doctor_id = d.id) AS clashes
        FROM doctors d
        WHERE state <> 'draft' AND (:state::text IS NULL OR state = :state)
            AND (:q = '' OR name ILIKE '%' || regexp_replace(:q, '([%_\\])', '\\\1', 'g') || '%'
                OR (registration_key(:q) <> '' AND strpos(registration_key(registration_no), registration_key(:q)) > 0))
            AND (:since::timestamptz IS NULL OR (state_since, id) > (:since, :after_id::uuid))
        ORDER BY state_since, id LIMIT :most
        """,
        state=state,
        q=q.strip(),
        since=after.since if after else None,
        after_id=after.doctor_id if after else None,
        most=limit,
    )


async def counted(tx: ControlTx, actor: Actor) -> dict[str, int]:
    """How many applications are in each state, drafts left out."""
    if not actor.may("doctor.verify"):
        raise NotFound
    found: dict[str, int] = await tx.value(
        "SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM"
        " (SELECT state, count(*) AS n FROM doctors WHERE state <> 'draft' GROUP BY state) s"
    )
    return found


async def clashes(tx: ControlTx, actor: Actor, doctor_id: UUID) -> list[Clash]:
    """Latest first."""
    if not actor.may("doctor.verify"):
        raise NotFound
    return await tx.all(
        Clash,
        """
        SELECT d.id AS doctor_id, d.name, d.state, c.at, c.claimed_by = :id AS theirs
        FROM registration_clashes c
            JOIN doctors d ON d.id = CASE WHEN c.claimed_by = :id THEN c.doctor_id ELSE c.claimed_by END
        WHERE :id IN (c.doctor_id, c.claimed_by) ORDER BY c.at DESC
        """,
        id=doctor_id,
    )
