from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.schedule.free import LIVE, free_times
from svastha.domain.schedule.model import Mode
from svastha.domain.schedule.open import OPEN
from svastha.kit.clock import now
from svastha.kit.clock import zone as zone_of
from svastha.kit.db import ClinicTx

A_MINUTE, A_YEAR = timedelta(minutes=1), timedelta(days=366)
MOST_TIMES = 100_000


class DayChange(msgspec.Struct, frozen=True):
    """On this day of the clinic, how many times to book would come and how many go."""

    day: date
    doctor_id: UUID
    mode: Mode
    gained: int
    lost: int


class AffectedVisit(msgspec.Struct, frozen=True):
    """Booked, and no longer in open hours."""

    id: UUID
    doctor_id: UUID
    patient_id: UUID
    patient_name: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    status: str


class Affected(msgspec.Struct, frozen=True):
    """What a change would do. The visits stay booked; their patients would have to be told."""

    days: list[DayChange]
    visits: list[AffectedVisit]


async def affected(
    tx: ClinicTx,
    actor: Actor,
    doctors: Sequence[UUID],
    change: Callable[[], Awaitable[Any]],
    *,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
) -> Affected:
    """What ``change`` would do if it were done now: it is done, looked at and undone. It refuses as it would then.

    Two instants limit what is looked at, for a change that is about one day; else it is all that can be booked.
    """
    present = now()
    since = min(max(present, from_at or present), present + A_YEAR)
    until = max(min(since + A_YEAR, to_at or since + A_YEAR), since + A_MINUTE)
    where = zone_of(tx.clinic.zone)

    async def times() -> set[tuple[date, UUID, Mode, datetime]]:
        found = await free_times(tx, doctors, from_at=since, to_at=until, most=MOST_TIMES)
        return {(one.starts_at.astimezone(where).date(), one.doctor_id, one.mode, one.starts_at) for one in found}

    times_before, outside_before = await times(), await _outside(tx, doctors, since, until)
    async with tx.undone():
        await change()
        times_after, outside_after = await times(), await _outside(tx, doctors, since, until)
    gained = Counter(one[:3] for one in times_after - times_before)
    lost = Counter(one[:3] for one in times_before - times_after)
    known = {visit.id for visit in outside_before}
    visits = [visit for visit in outside_after if visit.id not in known]
    if visits:
        audit.note(tx, actor.account_id, "read", "affected", tx.clinic.slug, people={one.patient_id for one in visits})
    return Affected(
        [DayChange(*key, gained[key], lost[key]) for key in sorted(gained.keys() | lost.keys())],
        visits,
    )


async def _outside(tx: ClinicTx, doctors: Sequence[UUID], from_at: datetime, to_at: datetime) -> list[AffectedVisit]:
    """Visits to come that lie in no open hours of their kind and place, in order of time."""
    last: datetime | None = await tx.value(
        f"SELECT max(ends_at) FROM appointments WHERE doctor_id = ANY(:doctors::uuid[]) AND status IN {LIVE}"
        " AND starts_at >= :from_at AND starts_at < :to_at",
        doctors=list(doctors),
        from_at=from_at,
        to_at=to_at,
    )
    if last is None:
        return []
    return await tx.all(
        AffectedVisit,
        f"""
        {OPEN}
        SELECT a.id, a.doctor_id, a.patient_id, p.name AS patient_name, a.starts_at, a.ends_at, a.mode, a.status
        FROM appointments a JOIN patients p ON p.id = a.patient_id
        WHERE a.doctor_id = ANY(:doctors::uuid[]) AND a.status IN {LIVE} AND a.status NOT IN ('held', 'in_progress')
            AND a.placed <> 'walk_in' AND a.starts_at >= :from_at AND a.starts_at < :to_at
            AND NOT EXISTS (SELECT FROM open o WHERE o.doctor_id = a.doctor_id AND o.mode = a.mode
                AND (a.branch_id IS NULL OR o.branch_id IS NOT DISTINCT FROM a.branch_id)
                AND o.times @> tstzrange(a.starts_at, a.ends_at))
        ORDER BY a.starts_at, a.id
        """,
        doctors=list(doctors),
        house_zone=tx.clinic.zone,
        from_at=from_at,
        to_at=last,
    )
