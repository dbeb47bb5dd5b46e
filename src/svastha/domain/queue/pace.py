from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.queue.wait import Pace, Past, pace_of
from svastha.domain.schedule import Mode
from svastha.kit.db import ClinicTx

LATELY = timedelta(days=180)
MOST, MOST_OF_A_KIND = 300, 60


class _Known(msgspec.Struct, frozen=True):
    doctor_id: UUID
    offers: dict[Mode, float]
    past: list[dict[str, Any]]
    missed: int


async def paces(tx: ClinicTx, doctors: Sequence[UUID]) -> dict[UUID, Pace]:
    """How each of these doctors worked in her last visits. A visit of seconds or of half a day was no such visit."""
    rows = await tx.all(
        _Known,
        """
        SELECT d.doctor_id,
            coalesce((SELECT jsonb_object_agg(o.mode, o.minutes) FROM offers o WHERE o.doctor_id = d.doctor_id), '{}')
                AS offers, coalesce(v.past, '[]') AS past, coalesce(v.missed, 0)::int AS missed
        FROM unnest(:doctors::uuid[]) d(doctor_id), LATERAL (
            SELECT count(*) FILTER (WHERE r.status = 'no_show') AS missed, jsonb_agg(jsonb_build_object(
                'mode', r.mode, 'kind', r.kind, 'placed', r.placed, 'starts_at', r.starts_at, 'began_at', r.began_at,
                'ended_at', r.ended_at, 'here_at', r.here_at, 'urgent', r.urgent)) FILTER (
                    WHERE r.n <= :most_of_a_kind AND r.ended_at - r.began_at BETWEEN '30 s' AND '4 h') AS past
            FROM (
                SELECT a.*, s.*, coalesce(q.priority <> 'none', false) AS urgent,
                    row_number() OVER (PARTITION BY a.status, a.mode, a.kind ORDER BY a.starts_at DESC) AS n
                FROM (
                    SELECT id, mode, kind, placed, starts_at, status FROM appointments
                    WHERE doctor_id = d.doctor_id AND status IN ('completed', 'no_show') AND starts_at <= now()
                        AND starts_at > now() - :lately::interval
                    ORDER BY starts_at DESC LIMIT :most
                ) a CROSS JOIN LATERAL (
                    SELECT max(at) FILTER (WHERE status = 'in_progress') AS began_at,
                        max(at) FILTER (WHERE status = 'completed') AS ended_at,
                        max(at) FILTER (WHERE status = 'checked_in') AS here_at
                    FROM appointment_steps WHERE appointment_id = a.id
                ) s LEFT JOIN queue_entries q ON q.appointment_id = a.id
            ) r
        ) v
        """,
        doctors=list(doctors),
        lately=LATELY,
        most=MOST,
        most_of_a_kind=MOST_OF_A_KIND,
    )
    return {
        row.doctor_id: pace_of(msgspec.convert(row.past, list[Past]), row.offers, missed=row.missed) for row in rows
    }
