from uuid import UUID

import msgspec

from svastha.domain import audit, schedule
from svastha.domain.accounts import Actor
from svastha.domain.patients import HERS
from svastha.domain.schedule import MODES, Mode, Practitioner
from svastha.domain.waiting_list.access import DOCTORS, LIVE, ROWS, Row, shown
from svastha.domain.waiting_list.model import Entry
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

RECENT = "w.ended_at > now() - interval '14 days'"


async def of_account(tx: ClinicTx, actor: Actor, *, most: int = 100) -> list[Entry]:
    """What the actor waits for here, and those she acts for; also what has ended of late. Those that run first."""
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE w.patient_id = ANY({HERS}) AND ({LIVE} OR {RECENT})"
        " ORDER BY w.ended_at IS NOT NULL, w.ended_at DESC, w.turn LIMIT :most",
        me=actor.account_id,
        zone=tx.clinic.zone,
        most=most,
    )
    _note(tx, actor, "own_waiting_list", rows)
    return await shown(tx, actor, rows)


async def everybody(
    tx: ClinicTx, actor: Actor, *, doctor_id: UUID | None = None, after: UUID | None = None, limit: int = 50
) -> list[Entry]:
    """Who waits here, in order of joining, for the desk; ``doctor_id``: for whose time. ``after``: where the page
    before ended."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    rows = await tx.all(
        Row,
        f"""{ROWS} WHERE {LIVE} AND (:doctor_id::uuid IS NULL OR :doctor_id = ANY({DOCTORS}))
            AND w.turn > coalesce((SELECT b.turn FROM waiting_list b WHERE b.id = :after::uuid), 0)
        ORDER BY w.turn LIMIT :limit""",
        me=actor.account_id,
        zone=tx.clinic.zone,
        doctor_id=doctor_id,
        after=after,
        limit=limit,
    )
    _note(tx, actor, "waiting_list", rows)
    return await shown(tx, actor, rows)


def _note(tx: ClinicTx, actor: Actor, kind: str, rows: list[Row]) -> None:
    if people := {row.patient_id for row in rows}:
        audit.note(tx, actor.account_id, "read", kind, tx.clinic.slug, people=people)


class Choices(msgspec.Struct, frozen=True):
    """What can be waited for here."""

    doctors: list[Practitioner]
    specialties: list[str]
    modes: list[Mode]


async def choices(tx: ClinicTx) -> Choices:
    """Doctors who may be booked, the specialties and the kinds of visit they offer."""
    found = await tx.one(
        _Offered,
        """
        SELECT coalesce(array_agg(DISTINCT d.doctor_id), '{}') AS doctors,
            coalesce(array_agg(DISTINCT s) FILTER (WHERE s IS NOT NULL), '{}') AS specialties,
            coalesce(array_agg(DISTINCT f.mode), '{}') AS modes
        FROM practitioners d JOIN offers f ON f.doctor_id = d.doctor_id LEFT JOIN unnest(d.specialties) s ON true
        WHERE d.bookable
        """,
    )
    people = [one for one in await schedule.practitioners(tx) if one.doctor_id in found.doctors]
    return Choices(people, found.specialties, [mode for mode in MODES if mode in found.modes])


class _Offered(msgspec.Struct, frozen=True):
    doctors: list[UUID]
    specialties: list[str]
    modes: list[Mode]
