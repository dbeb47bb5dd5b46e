from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.queue.access import this_day
from svastha.domain.queue.days import bounds
from svastha.domain.queue.model import Turn
from svastha.domain.queue.wait import Pace, Past, pace_of
from svastha.domain.schedule import Mode
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx

LATELY = timedelta(days=180)
MOST, MOST_OF_A_KIND = 300, 60
HOLDS = timedelta(minutes=5)
KEPT = 2048  # doctors
OVER = ("completed", "no_show")


class _Kept(msgspec.Struct, frozen=True):
    """``over``: her visits of today that are over, and the last one before."""

    at: datetime
    over: frozenset[Any]
    pace: Pace


_kept: OrderedDict[tuple[str, UUID], _Kept] = OrderedDict()  # by database and doctor


async def paces(tx: ClinicTx, turns: Mapping[UUID, Sequence[Turn]]) -> dict[UUID, Pace]:
    """How each of these doctors works, by her visits of late. That holds until another of them is over, and for five
    minutes: what changes in older ones, and what she offers, is asked no more often. ``turns``: today's."""
    at, before = now(), await _last_before_today(tx, list(turns))
    over = {
        id: frozenset([before.get(id), *((one.appointment_id, one.began_at) for one in hers if one.status in OVER)])
        for id, hers in turns.items()
    }
    found = {
        id: kept.pace
        for id, hers in over.items()
        if (kept := _kept.get((tx.clinic.database, id))) and kept.over == hers and abs(at - kept.at) < HOLDS
    }
    for id, pace in (await _worked_out(tx, [id for id in turns if id not in found])).items():
        found[id] = pace
        _kept[tx.clinic.database, id] = _Kept(at, over[id], pace)
        _kept.move_to_end((tx.clinic.database, id))
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


class _Last(msgspec.Struct, frozen=True):
    doctor_id: UUID
    id: UUID


async def _last_before_today(tx: ClinicTx, doctors: Sequence[UUID]) -> dict[UUID, UUID]:
    rows = await tx.all(
        _Last,
        """
        SELECT d.doctor_id, a.id FROM unnest(:doctors::uuid[]) d(doctor_id), LATERAL (
            SELECT id FROM appointments WHERE doctor_id = d.doctor_id AND status IN ('completed', 'no_show')
                AND starts_at < :midnight ORDER BY starts_at DESC LIMIT 1) a
        """,
        doctors=list(doctors),
        midnight=bounds(tx, this_day(tx))[0],
    )
    return {row.doctor_id: row.id for row in rows}


class _Known(msgspec.Struct, frozen=True):
    doctor_id: UUID
    offers: dict[Mode, float]
    past: list[dict[str, Any]]
    missed: int


async def _worked_out(tx: ClinicTx, doctors: Sequence[UUID]) -> dict[UUID, Pace]:
    """A visit of seconds or of half a day was no such visit."""
    if not doctors:
        return {}
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
