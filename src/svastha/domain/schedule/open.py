from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.schedule.model import Mode
from svastha.kit.db import ClinicTx

# What is open on each local day, whether or not it is taken, too soon or too far ahead: the same algebra as in free.py.
OPEN = """
    WITH her AS (
        SELECT doctor_id, zone FROM practitioners WHERE doctor_id = ANY(:doctors::uuid[])
    ), days AS (
        SELECT h.*, d::date AS day FROM her h, generate_series((:from_at::timestamptz AT TIME ZONE zone)::date - 1,
            (:to_at::timestamptz AT TIME ZONE zone)::date + 1, interval '1 day') d
    ), pause AS (
        SELECT d.doctor_id, range_agg(wall_range(d.day, b.opens, b.closes, d.zone)) AS times
        FROM days d JOIN weekly_breaks b ON b.doctor_id = d.doctor_id AND b.weekday = extract(isodow FROM d.day)
        GROUP BY d.doctor_id
    ), house AS (
        SELECT branch_id, range_agg(wall_range(day::date, opens, closes, :house_zone::text)) AS times
        FROM branch_hours LEFT JOIN generate_series((:from_at::timestamptz AT TIME ZONE :house_zone)::date - 2,
            (:to_at::timestamptz AT TIME ZONE :house_zone)::date + 1, interval '1 day') day
            ON extract(isodow FROM day) = weekday
        GROUP BY branch_id
    ), pieces AS (
        SELECT d.doctor_id, h.modes, h.branch_id, tstzmultirange(wall_range(d.day, h.opens, h.closes, d.zone))
            * coalesce(o.times, tstzmultirange(tstzrange(NULL, NULL))) - coalesce(p.times, '{}') AS times
        FROM days d JOIN weekly_hours h ON h.doctor_id = d.doctor_id AND h.weekday = extract(isodow FROM d.day)
        LEFT JOIN pause p ON p.doctor_id = d.doctor_id
        LEFT JOIN house o ON o.branch_id = h.branch_id
        UNION ALL
        SELECT d.doctor_id, e.modes, e.branch_id, tstzmultirange(wall_range(d.day, e.opens, e.closes, d.zone))
        FROM days d JOIN exceptions e ON e.doctor_id = d.doctor_id AND NOT e.closed
            AND falls_on(d.day, e.day, e.repeats, e.every, e.until)
    ), shut AS (
        SELECT d.doctor_id, e.modes, NULL::uuid AS branch_id, wall_range(d.day, e.opens, e.closes, d.zone) AS during
        FROM days d JOIN exceptions e ON e.doctor_id = d.doctor_id AND e.closed
            AND falls_on(d.day, e.day, e.repeats, e.every, e.until)
        UNION ALL
        SELECT doctor_id, NULL, branch_id, wall_range(day, NULL, NULL, :house_zone) FROM her, holidays
        WHERE day BETWEEN (:from_at::timestamptz AT TIME ZONE :house_zone)::date
            AND (:to_at::timestamptz AT TIME ZONE :house_zone)::date
        UNION ALL
        SELECT doctor_id, NULL, NULL, tstzrange(starts_at, ends_at) FROM leaves
        WHERE doctor_id = ANY(:doctors::uuid[]) AND ended_at IS NULL
            AND tstzrange(starts_at, ends_at) && tstzrange(:from_at::timestamptz, :to_at::timestamptz)
    ), opened AS (
        SELECT p.doctor_id, mode, p.branch_id, range_agg(piece) AS times
        FROM pieces p, unnest(p.modes) mode, unnest(p.times) piece GROUP BY p.doctor_id, mode, p.branch_id
    ), open AS (
        SELECT o.doctor_id, o.mode, o.branch_id, o.times - coalesce((SELECT range_agg(s.during) FROM shut s
            WHERE s.doctor_id = o.doctor_id AND (s.modes IS NULL OR o.mode = ANY(s.modes))
                AND (s.branch_id IS NULL OR s.branch_id = o.branch_id)), '{}') AS times
        FROM opened o
    )
"""


class OpenPiece(msgspec.Struct, frozen=True):
    doctor_id: UUID
    mode: Mode
    branch_id: UUID | None
    starts_at: datetime
    ends_at: datetime


async def open_pieces(tx: ClinicTx, doctors: Sequence[UUID], *, from_at: datetime, to_at: datetime) -> list[OpenPiece]:
    """When these doctors are there for visits, free or not, in order of time; nothing reaches beyond the two instants.
    The caller has seen them."""
    return await tx.all(
        OpenPiece,
        f"{OPEN} SELECT doctor_id, mode, branch_id, lower(piece) AS starts_at, upper(piece) AS ends_at"
        " FROM open, unnest(times * tstzmultirange(tstzrange(:from_at, :to_at))) piece"
        " ORDER BY starts_at, doctor_id, mode, branch_id",
        doctors=list(doctors),
        house_zone=tx.clinic.zone,
        from_at=from_at,
        to_at=to_at,
    )
