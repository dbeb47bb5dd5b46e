"""What is free, day by day: for whoever shows no more than that there is something."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.domain.schedule.free import OFFERED, asked
from svastha.domain.schedule.model import Mode
from svastha.kit.db import PLAN_ONCE, ClinicTx


class DayLeft(msgspec.Struct, frozen=True):
    """A day of the clinic's zone on which ``left`` visits of this kind can still be booked, from ``first_at`` on."""

    mode: Mode
    day: date
    first_at: datetime
    left: int


class Days(msgspec.Struct, frozen=True):
    """Of the clinic's zone, both included."""

    first: date
    last: date
    plans_once: str


async def free_days(tx: ClinicTx, doctor_id: UUID, *, from_at: datetime, to_at: datetime) -> list[DayLeft]:
    """Days without anything free are left out. Counted where the times are found: there may be thousands."""
    return await tx.all(
        DayLeft,
        f"""
        SELECT mode, (starts_at AT TIME ZONE :house_zone)::date AS day, min(starts_at) AS first_at, count(*) AS left
        FROM ({OFFERED}) o WHERE NOT taken AND NOT elsewhere GROUP BY 1, 2 ORDER BY 3
        """,
        **await asked(tx, [doctor_id], from_at=from_at, to_at=to_at),
    )


async def days_around(tx: ClinicTx, doctor_id: UUID, appointment_id: UUID) -> Days | None:
    """The days on which something of hers may be free, or not, because of this visit: what would touch it begins that
    long before or after, and all times of its day (her day, by which ``daily_max`` counts) go when the day is full.
    None when there is no such visit."""
    found = await tx.maybe(
        Days,
        f"""
        SELECT (least(lower, day::timestamp AT TIME ZONE zone) AT TIME ZONE :house_zone)::date AS first,
            ((greatest(upper, (day + 1)::timestamp AT TIME ZONE zone) - interval '1 microsecond')
                AT TIME ZONE :house_zone)::date AS last,
            {PLAN_ONCE} AS plans_once
        FROM (
            SELECT p.zone, (a.starts_at AT TIME ZONE p.zone)::date AS day,
                a.starts_at - make_interval(mins => a.before_minutes + o.before) AS lower,
                a.ends_at + make_interval(mins => a.after_minutes + o.after) AS upper
            FROM appointments a CROSS JOIN practitioners p CROSS JOIN (
                SELECT coalesce(max(minutes + after_minutes + travel_minutes), 0) AS before,
                    coalesce(max(before_minutes + travel_minutes), 0) AS after
                FROM offers WHERE doctor_id = :doctor_id) o
            WHERE a.id = :id AND p.doctor_id = :doctor_id
        ) v
        """,
        id=appointment_id,
        doctor_id=doctor_id,
        house_zone=tx.clinic.zone,
    )
    if found:
        tx.plans_once()
    return found
