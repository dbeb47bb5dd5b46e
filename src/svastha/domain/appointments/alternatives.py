from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain.appointments.model import Appointment
from svastha.domain.schedule import FreeTime, Mode, free_times
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx

MOST = 3
A_DAY, A_WEEK, TWO_WEEKS = timedelta(days=1), timedelta(days=7), timedelta(days=14)


class Alternative(msgspec.Struct, frozen=True):
    """Where a visit may be moved: for whoever moves it, ``fee_paise`` is what it costs then."""

    doctor_id: UUID
    doctor_name: str
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    fee_paise: int
    branch_id: UUID | None


class _Leave(msgspec.Struct, frozen=True):
    starts_at: datetime
    ends_at: datetime


class _Doctor(msgspec.Struct, frozen=True):
    doctor_id: UUID
    name: str
    alike: bool


async def alternatives(tx: ClinicTx, visit: Appointment) -> list[Alternative]:
    """At most three other times for a visit, as they are free at this moment: the next ones of the same doctor; while
    she is away, one of hers after and one before that, and one of a colleague's, near the time it was. The caller has
    seen the visit."""
    away = await tx.maybe(
        _Leave,
        "SELECT starts_at, ends_at FROM leaves WHERE doctor_id = :doctor_id AND ended_at IS NULL"
        " AND tstzrange(starts_at, ends_at) && tstzrange(:starts_at, :ends_at) ORDER BY ends_at DESC LIMIT 1",
        doctor_id=visit.doctor_id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
    )
    if away is None:
        found = await _free(tx, visit, [visit.doctor_id], now(), now() + TWO_WEEKS)
        return [_of(visit, one, visit.doctor_name) for one in found[:MOST]]
    after = await _free(tx, visit, [visit.doctor_id], away.ends_at, away.ends_at + TWO_WEEKS)
    before = await _free(tx, visit, [visit.doctor_id], max(now(), away.starts_at - A_WEEK), away.starts_at)
    others = {one.doctor_id: one for one in await _colleagues(tx, visit)}
    theirs = await _free(tx, visit, list(others), max(now(), visit.starts_at - A_DAY), visit.starts_at + A_WEEK)
    theirs.sort(key=lambda one: (not others[one.doctor_id].alike, abs(one.starts_at - visit.starts_at)))
    chosen = [*after[:1], *before[-1:], *theirs[:1]]
    chosen += [*after[1:], *theirs[1:]][: MOST - len(chosen)]
    return [
        _of(visit, one, others[one.doctor_id].name if one.doctor_id in others else visit.doctor_name) for one in chosen
    ]


async def _free(
    tx: ClinicTx, visit: Appointment, doctors: list[UUID], from_at: datetime, to_at: datetime
) -> list[FreeTime]:
    if not doctors or from_at >= to_at:
        return []
    found = await free_times(
        tx, doctors, from_at=from_at, to_at=to_at, mode=visit.mode, patient=visit.patient_id, but=visit.id
    )
    return [one for one in found if (one.doctor_id, one.starts_at) != (visit.doctor_id, visit.starts_at)]


async def _colleagues(tx: ClinicTx, visit: Appointment) -> list[_Doctor]:
    """Who sees patients this way, and at home comes as far. ``alike``: shares a specialty with her doctor."""
    return await tx.all(
        _Doctor,
        """
        SELECT p.doctor_id, p.name, p.specialties && me.specialties AS alike
        FROM practitioners p JOIN offers o ON o.doctor_id = p.doctor_id AND o.mode = :mode
        JOIN practitioners me ON me.doctor_id = :doctor_id JOIN appointments a ON a.id = :id
        WHERE p.doctor_id <> me.doctor_id AND p.bookable
            AND (o.areas = '{}' OR EXISTS (SELECT FROM unnest(o.areas) area WHERE starts_with(a.area, area)))
        """,
        doctor_id=visit.doctor_id,
        mode=visit.mode,
        id=visit.id,
    )


def _of(visit: Appointment, free: FreeTime, doctor_name: str) -> Alternative:
    """With her own doctor what was agreed; another one in her place costs no more."""
    fee = visit.fee_paise if free.doctor_id == visit.doctor_id else min(visit.fee_paise, free.fee_paise)
    return Alternative(free.doctor_id, doctor_name, free.mode, free.starts_at, free.ends_at, fee, free.branch_id)
