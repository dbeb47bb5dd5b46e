"""What the database knows of a day's queues."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain.queue.model import Shown, Turn
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx

# Of a session that passes midnight, who waits is still waiting on the next day.
OVERNIGHT = timedelta(hours=6)

_TURNS = """
    WITH asked AS (
        SELECT id FROM appointments
        WHERE doctor_id = ANY(:doctors::uuid[]) AND starts_at >= :from_at AND starts_at < :to_at
        UNION
        SELECT appointment_id FROM queue_entries
        WHERE doctor_id = ANY(:doctors::uuid[]) AND day BETWEEN :day::date - 1 AND :day
    )
    SELECT a.id AS appointment_id, a.doctor_id, a.patient_id, p.name AS patient_name, a.mode, a.kind, a.placed,
        a.status, a.starts_at, CASE WHEN a.status IN ('in_progress', 'completed') THEN (SELECT max(s.at)
            FROM appointment_steps s WHERE s.appointment_id = a.id AND s.status = 'in_progress') END AS began_at,
        q.no AS number, q.arrived_at, q.due_at, q.first_due_at, coalesce(q.priority, 'none') AS priority, q.called_at,
        coalesce(q.calls, 0) AS calls, q.skipped_at, a.late_minutes AS says_late, q.shown, q.priority_why
    FROM asked JOIN appointments a USING (id) JOIN patients p ON p.id = a.patient_id
    LEFT JOIN queue_entries q ON q.appointment_id = a.id AND q.doctor_id = a.doctor_id
        AND q.day >= (a.starts_at AT TIME ZONE :zone)::date -- else she was not here after all, and the visit was moved
    WHERE a.doctor_id = ANY(:doctors::uuid[]) AND a.status NOT IN ('held', 'requested', 'expired', 'declined')
        AND (q.day = :day OR (q.day IS NULL AND a.starts_at >= :from_at AND a.starts_at < :to_at)
            OR (q.day < :day AND a.status IN ('checked_in', 'in_progress')
                AND q.arrived_at > now() - :overnight::interval))
"""


class _Row(Turn, frozen=True):
    priority_why: bytes | None = None


class Day(msgspec.Struct, frozen=True):
    """One doctor's queue of a day. ``resumes_at``: nobody comes in before, unless somebody did since it was said."""

    doctor_id: UUID
    doctor_name: str
    late_minutes: int | None
    late_said_at: datetime | None
    resumes_at: datetime | None


def bounds(tx: ClinicTx, day: date) -> tuple[datetime, datetime]:
    """The two midnights of a day of the clinic."""
    where = zone(tx.clinic.zone)
    first, after = (datetime(one.year, one.month, one.day, tzinfo=where) for one in (day, day + timedelta(days=1)))
    return first, after


async def turns(tx: ClinicTx, doctors: Sequence[UUID], day: date) -> list[Turn]:
    """All visits of the day with these doctors, in no order: to come, waiting, in progress, done and gone."""
    return [turn for turn, _ in await turns_with_reasons(tx, doctors, day)]


async def turns_with_reasons(tx: ClinicTx, doctors: Sequence[UUID], day: date) -> list[tuple[Turn, bytes | None]]:
    """The same, each with the sealed reason of its priority."""
    from_at, to_at = bounds(tx, day)
    rows = await tx.all(
        _Row,
        _TURNS,
        doctors=list(doctors),
        day=day,
        from_at=from_at,
        to_at=to_at,
        overnight=OVERNIGHT,
        zone=tx.clinic.zone,
    )
    found = []
    for row in rows:
        *values, shown, why = msgspec.structs.astuple(row)
        values.append(msgspec.convert(shown, Shown) if shown else None)
        found.append((Turn(*values), why))
    return found


async def days(tx: ClinicTx, doctors: Sequence[UUID], day: date) -> list[Day]:
    """Of each doctor one, by name."""
    return await tx.all(
        Day,
        """
        SELECT p.doctor_id, p.name AS doctor_name, d.late_minutes, d.late_said_at, d.resumes_at
        FROM practitioners p LEFT JOIN queue_days d ON d.doctor_id = p.doctor_id AND d.day = :day
        WHERE p.doctor_id = ANY(:doctors::uuid[]) ORDER BY p.name, p.doctor_id
        """,
        doctors=list(doctors),
        day=day,
    )


async def lock(tx: ClinicTx, doctor_id: UUID, day: date) -> None:
    """One change of a queue at a time; that of the day before belongs to it, for who came then may still wait. A day
    nobody has come on yet has nothing to lock."""
    await tx.run(
        "SELECT 1 FROM queue_days WHERE doctor_id = :doctor_id AND day BETWEEN :day::date - 1 AND :day"
        " ORDER BY day FOR UPDATE",
        doctor_id=doctor_id,
        day=day,
    )


async def next_number(tx: ClinicTx, doctor_id: UUID, day: date) -> int:
    """Locks the day, too. Nobody gets the number of somebody who came before midnight and waits still."""
    number: int = await tx.value(
        """
        INSERT INTO queue_days (doctor_id, day, last_no)
        SELECT :doctor_id, :day, 1 + coalesce(max(e.no), 0)
        FROM queue_entries e JOIN appointments a ON a.id = e.appointment_id
        WHERE a.status IN ('checked_in', 'in_progress') AND e.doctor_id = :doctor_id AND e.day = :day::date - 1
            AND e.day < (now() AT TIME ZONE :zone)::date AND e.arrived_at > now() - :overnight::interval
        ON CONFLICT (doctor_id, day) DO UPDATE SET last_no = greatest(queue_days.last_no + 1, excluded.last_no)
        RETURNING last_no
        """,
        doctor_id=doctor_id,
        day=day,
        zone=tx.clinic.zone,
        overnight=OVERNIGHT,
    )
    return number
