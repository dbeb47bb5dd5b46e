"""Who gets a time that nobody has: the first in line whom it suits, alone, for a while."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from svastha.domain import appointments, patients, schedule
from svastha.domain.appointments import quiet_since, quiet_until
from svastha.domain.schedule import FreeTime
from svastha.domain.waiting_list.access import DOCTORS, LIVE
from svastha.domain.waiting_list.model import Look, Offered, Wish, suits
from svastha.kit.clock import now, zone
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce, later

SHORTEST = timedelta(minutes=5)  # to answer; what leaves less is for whoever comes by


async def offer_free(tx: ClinicTx, event: Look) -> None:
    """Of every event that names a doctor: one of her free times becomes an offer, and another look is asked for.

    One at a time in a clinic, so that nobody is passed over by somebody who looked a moment earlier. And one in a
    transaction: like every booking it locks the patient first and then the doctor, so nobody waits in a circle.
    """
    if not await _anybody_waits(tx, event.doctor_id):
        return
    await tx.run("SELECT pg_advisory_xact_lock(hashtextextended('waiting_list', 0))")
    at = now()
    found, again = await _first_in_line(tx, event.doctor_id, at)
    if again:  # somebody is asleep whom a time would suit
        later(tx, Look(event.doctor_id), run_at=again, key=f"{event.doctor_id}/awake/{again:%Y%m%dT%H%M}")
    if found is None:
        return
    await patients.locked(tx, found.who.patient_id)
    if not await tx.value("SELECT true FROM waiting_list WHERE id = :id AND ended_at IS NULL", id=found.who.id):
        announce(tx, Look(event.doctor_id))  # she left the list just now
        return
    held = await appointments.offer(
        tx,
        patient_id=found.who.patient_id,
        doctor_id=event.doctor_id,
        starts_at=found.time.starts_at,
        mode=found.time.mode,
        expires_at=found.until,
        made_by=found.who.made_by,
        area=found.who.area,
    )
    await tx.run(
        "INSERT INTO waiting_list_offers (appointment_id, entry_id, patient_id, doctor_id, starts_at, expires_at)"
        " VALUES (:id, :entry_id, :patient_id, :doctor_id, :starts_at, :expires_at)",
        id=held.id,
        entry_id=found.who.id,
        patient_id=held.patient_id,
        doctor_id=held.doctor_id,
        starts_at=held.starts_at,
        expires_at=found.until,
    )
    announce(tx, Offered(held.id))
    announce(tx, Look(event.doctor_id))


class _Waiting(Wish, frozen=True):
    """``had``: times of this doctor that were offered to her since she joined, whatever for."""

    id: UUID = UUID(int=0)
    patient_id: UUID = UUID(int=0)
    made_by: UUID = UUID(int=0)
    zone: str = ""
    had: list[datetime] = []


class _Busy(msgspec.Struct, frozen=True):
    patient_id: UUID
    starts_at: datetime
    ends_at: datetime


class _Found(NamedTuple):
    who: _Waiting
    time: FreeTime
    until: datetime


async def _anybody_waits(tx: ClinicTx, doctor_id: UUID) -> bool:
    return bool(
        await tx.value(
            f"SELECT EXISTS (SELECT FROM waiting_list w WHERE {LIVE} AND :doctor_id = ANY({DOCTORS}))",
            doctor_id=doctor_id,
            zone=tx.clinic.zone,
        )
    )


async def _first_in_line(tx: ClinicTx, doctor_id: UUID, at: datetime) -> tuple[_Found | None, datetime | None]:
    """The first whom some free time suits, with the earliest of these. And when to look again, if somebody before her
    cannot be asked at this hour."""
    waiting = await tx.all(_Waiting, _WAITING, doctor_id=doctor_id, zone=tx.clinic.zone)
    if not waiting:
        return None, None
    where, rules = zone(tx.clinic.zone), await schedule.house_rules(tx)
    last = datetime.combine(max(one.last_day for one in waiting) + timedelta(days=1), time(), where)
    free = await _in_time(tx, doctor_id, at, last, timedelta(minutes=rules.offer_minutes))
    busy = await tx.all(_Busy, _BUSY, patients=list({one.patient_id for one in waiting}))
    areas = {offer.mode: offer.areas for offer in await schedule.offers_of(tx, doctor_id)}
    again: list[datetime] = []
    for one in waiting:
        if areas.get(one.mode) and not any((one.area or "").startswith(area) for area in areas[one.mode]):
            continue
        hers = [span for span in busy if span.patient_id == one.patient_id]
        fits = [
            (found, until)
            for found, until in free
            if found.mode == one.mode
            and suits(one, found.starts_at, where)
            and found.starts_at not in one.had
            and not any(found.starts_at < span.ends_at and span.starts_at < found.ends_at for span in hers)
        ]
        if fits and quiet_since(at, rules, zone(one.zone)):
            again.append(quiet_until(at, rules, zone(one.zone)))
        elif fits:
            return _Found(one, *fits[0]), min(again, default=None)
    return None, min(again, default=None)


async def _in_time(
    tx: ClinicTx, doctor_id: UUID, at: datetime, last: datetime, lasts: timedelta
) -> Sequence[tuple[FreeTime, datetime]]:
    """Free times that can be offered, and until when: never beyond the notice the doctor wants."""
    notice = (await schedule.practitioner(tx, doctor_id)).notice
    wants = {
        offer.mode: notice if offer.notice is None else offer.notice
        for offer in await schedule.offers_of(tx, doctor_id)
    }
    free = await schedule.free_times(tx, [doctor_id], from_at=at, to_at=last)
    return [
        (one, until) for one in free if (until := min(at + lasts, one.starts_at - wants[one.mode])) >= at + SHORTEST
    ]


_WAITING = f"""
    SELECT w.mode, w.first_day, w.last_day, w.doctor_id, w.specialty, w.weekdays, w.parts, w.area, w.id, w.patient_id,
        w.made_by, p.zone, ARRAY(SELECT o.starts_at FROM waiting_list_offers o
            WHERE o.patient_id = w.patient_id AND o.doctor_id = :doctor_id AND o.offered_at >= w.joined_at) AS had
    FROM waiting_list w JOIN patients p ON p.id = w.patient_id
    WHERE {LIVE} AND :doctor_id = ANY({DOCTORS})
        AND NOT EXISTS (SELECT FROM waiting_list_offers o WHERE o.patient_id = w.patient_id AND o.answer IS NULL)
    ORDER BY w.turn
"""

_BUSY = f"""
    SELECT patient_id, starts_at, ends_at FROM appointments
    WHERE patient_id = ANY(:patients::uuid[]) AND status IN {schedule.LIVE} AND ends_at > now()
        AND NOT (status IN ('held', 'requested') AND hold_expires_at <= now())
"""
