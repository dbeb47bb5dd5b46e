from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import shown
from svastha.domain.appointments.model import MINE, ROWS, ROWS_FOR_ME, Appointment, Row, RowForMe, Step
from svastha.domain.schedule import LIVE
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

# A hold that was let go or ran out was never a visit. A request nobody answered was one: its number has grown.
LET_GO = "(a.status IN ('cancelled', 'expired') AND a.sequence = 0)"


async def of_account(tx: ClinicTx, actor: Actor, *, most: int = 200) -> list[Appointment]:
    """The actor's own visits here as a patient, and of those she acts for, latest first."""
    rows = await tx.all(
        RowForMe,
        f"{ROWS_FOR_ME} WHERE {MINE} AND NOT {LET_GO}"
        " AND NOT (a.status = 'held' AND a.hold_expires_at <= now()) ORDER BY a.starts_at DESC, a.id LIMIT :most",
        me=actor.account_id,
        most=most,
    )
    note_list(tx, actor, "own_visits", tx.clinic.slug, rows)
    return [shown(row, tx.clinic.slug, me=actor.account_id) for row in rows]


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of a list ended."""

    starts_at: datetime
    id: UUID


async def listed(
    tx: ClinicTx,
    actor: Actor,
    *,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> list[Appointment]:
    """Visits of this clinic that concern the actor, latest first: her own, of those she acts for, those she is the
    doctor of, and for the desk everybody's. ``after`` is where the page before ended."""
    rows = await tx.all(
        RowForMe,
        f"""{ROWS_FOR_ME} WHERE ({MINE} OR (a.doctor_id = :me AND :practises) OR :desk)
            AND NOT {LET_GO}
            AND (a.status <> 'held' OR ({MINE} AND a.hold_expires_at > now()))
            AND (:from_at::timestamptz IS NULL OR a.starts_at >= :from_at)
            AND (:to_at::timestamptz IS NULL OR a.starts_at < :to_at)
            AND (:after_at::timestamptz IS NULL OR (a.starts_at, a.id) < (:after_at, :after_id::uuid))
        ORDER BY a.starts_at DESC, a.id DESC LIMIT :limit""",
        me=actor.account_id,
        practises=actor.is_a("doctor", tx.clinic.id),
        desk=actor.runs_desk_of(tx.clinic.id),
        from_at=from_at,
        to_at=to_at,
        after_at=after.starts_at if after else None,
        after_id=after.id if after else None,
        limit=limit,
    )
    note_list(tx, actor, "list", tx.clinic.slug, rows)
    return [shown(row, tx.clinic.slug, me=actor.account_id) for row in rows]


async def day_of_doctor(tx: ClinicTx, actor: Actor, *, from_at: datetime, to_at: datetime) -> list[Appointment]:
    """The list a doctor works through. Empty for anybody who does not practise here."""
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE a.doctor_id = :me AND :practises AND a.starts_at >= :from_at AND a.starts_at < :to_at"
        " AND a.status NOT IN ('held', 'expired', 'declined', 'cancelled') ORDER BY a.starts_at, a.id",
        me=actor.account_id,
        practises=actor.is_a("doctor", tx.clinic.id),
        from_at=from_at,
        to_at=to_at,
    )
    if actor.is_a("doctor", tx.clinic.id):
        note_list(tx, actor, "day", from_at.date().isoformat(), rows)
    return [shown(row, tx.clinic.slug) for row in rows]


async def day_of_clinic(
    tx: ClinicTx, actor: Actor, *, from_at: datetime, to_at: datetime, doctor_id: UUID | None = None
) -> list[Appointment]:
    """Everybody's visits, for the desk; or those with one doctor."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE a.starts_at >= :from_at AND a.starts_at < :to_at AND a.status <> 'held'"
        f" AND NOT {LET_GO} AND (:doctor_id::uuid IS NULL OR a.doctor_id = :doctor_id)"
        " ORDER BY a.starts_at, d.name, a.id",
        from_at=from_at,
        to_at=to_at,
        doctor_id=doctor_id,
    )
    note_list(tx, actor, "day", from_at.date().isoformat(), rows)
    return [shown(row, tx.clinic.slug) for row in rows]


async def of_patients(
    tx: ClinicTx, actor: Actor, patients: Sequence[UUID], *, from_at: datetime, most: int = 200
) -> list[Appointment]:
    """Visits of these patients from then on, for the desk, in order of time; what came to nothing is left out."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE a.patient_id = ANY(:patients::uuid[]) AND a.starts_at >= :from_at"
        " AND a.status NOT IN ('held', 'expired', 'declined', 'cancelled') ORDER BY a.starts_at, a.id LIMIT :most",
        patients=list(patients),
        from_at=from_at,
        most=most,
    )
    note_list(tx, actor, "list", tx.clinic.slug, rows)
    return [shown(row, tx.clinic.slug) for row in rows]


async def any_to_come(tx: ClinicTx, actor: Actor) -> bool:
    """Has the actor a visit ahead, on either side of it, or somebody she acts for?"""
    return bool(
        await tx.value(
            f"SELECT 1 FROM appointments a WHERE ({MINE} OR a.doctor_id = :me) AND a.ends_at > now()"
            " AND (a.status IN ('confirmed', 'checked_in', 'in_progress')"
            " OR (a.status IN ('held', 'requested') AND a.hold_expires_at > now())) LIMIT 1",
            me=actor.account_id,
        )
    )


def note_list(tx: ClinicTx, actor: Actor, kind: str, subject: str, rows: Sequence[Row]) -> None:
    """One entry for a list, with everybody who stands in it. A person's own one, if empty, tells nothing of anybody."""
    people = {row.patient_id for row in rows}
    if people or kind == "day":
        audit.note(tx, actor.account_id, "read", kind, subject, people=people)


async def at_that_time(tx: ClinicTx, actor: Actor, *, starts_at: datetime, ends_at: datetime) -> list[Appointment]:
    """Visits of the actor as a patient, and of those she acts for, that take place or are held then."""
    rows = await tx.all(
        RowForMe,
        f"{ROWS_FOR_ME} WHERE {MINE} AND a.status IN {LIVE}"
        " AND NOT (a.status IN ('held', 'requested') AND a.hold_expires_at <= now())"
        " AND tstzrange(a.starts_at, a.ends_at) && tstzrange(:starts_at, :ends_at) ORDER BY a.starts_at, a.id",
        me=actor.account_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    note_list(tx, actor, "own_visits", tx.clinic.slug, rows)
    return [shown(row, tx.clinic.slug, me=actor.account_id) for row in rows]


async def past_of_patient(tx: ClinicTx, actor: Actor, visit: Appointment, *, most: int = 20) -> list[Appointment]:
    """Earlier completed visits of the same patient with the doctor who is looking."""
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE a.patient_id = :patient_id AND a.doctor_id = :me AND a.status = 'completed' AND a.id <> :id"
        " ORDER BY a.starts_at DESC LIMIT :most",
        patient_id=visit.patient_id,
        me=actor.account_id,
        id=visit.id,
        most=most,
    )
    audit.note(tx, actor.account_id, "read", "past_visits", visit.patient_id, whose=visit.patient_id)
    return [shown(row, tx.clinic.slug) for row in rows]


async def steps(tx: ClinicTx, appointment_id: UUID) -> list[Step]:
    """In order. The caller has seen the visit."""
    return await tx.all(
        Step,
        "SELECT status, at, by_account, why, from_at, to_at, charge_percent FROM appointment_steps"
        " WHERE appointment_id = :id ORDER BY at, id",
        id=appointment_id,
    )
