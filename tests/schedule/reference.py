"""Free times, slowly and obviously: a day is a set of minutes, and each rule puts minutes in or takes minutes out.

Knows nothing of the database and of how that goes about it. A minute is its number since 1970.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from svastha.domain.schedule import Mode, Offer

LIVE = ("held", "requested", "confirmed", "checked_in", "in_progress")
A_DAY = timedelta(days=1)
MIDNIGHT = time(0)


class Clock(msgspec.Struct, frozen=True):
    """From one wall-clock time of a weekday to another; closing at or before opening means on the next day."""

    weekday: int
    opens: time
    closes: time


class Hours(Clock, frozen=True):
    modes: tuple[Mode, ...] = ()
    branch_id: UUID | None = None
    resources: tuple[UUID, ...] = ()


class Exceptional(msgspec.Struct, frozen=True):
    day: date
    closed: bool
    opens: time | None
    closes: time | None
    modes: tuple[Mode, ...]
    repeats: str = "once"
    every: int = 1
    until: date | None = None
    branch_id: UUID | None = None
    resources: tuple[UUID, ...] = ()


class Doctor(msgspec.Struct, frozen=True):
    id: UUID
    zone: str
    notice: timedelta
    horizon: timedelta
    offers: list[Offer]
    hours: list[Hours]
    breaks: list[Clock] = []
    exceptions: list[Exceptional] = []
    leaves: list[tuple[datetime, datetime]] = []
    bookable: bool = True


class Visit(msgspec.Struct, frozen=True):
    id: UUID
    doctor_id: UUID
    patient_id: UUID
    mode: Mode
    status: str
    placed: str
    starts_at: datetime
    ends_at: datetime
    before_minutes: int = 0
    after_minutes: int = 0
    expires_in: timedelta | None = None  # from now
    resources: tuple[UUID, ...] = ()


class Clinic(msgspec.Struct, frozen=True):
    zone: str
    doctors: list[Doctor]
    branch_hours: dict[UUID, list[Clock]] = {}  # a branch that is not in it is always open
    holidays: list[tuple[date, UUID | None]] = []
    visits: list[Visit] = []


class Asked(msgspec.Struct, frozen=True):
    now: datetime
    from_at: datetime
    to_at: datetime
    mode: Mode | None = None
    patient: UUID | None = None
    but: UUID | None = None


class Slot(msgspec.Struct, frozen=True):
    """``taken``: the doctor or a room has somebody then, or her day is full; ``elsewhere``: so has the patient."""

    doctor_id: UUID
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    branch_id: UUID | None
    resources: tuple[UUID, ...]
    taken: bool
    elsewhere: bool

    @property
    def free(self) -> bool:
        return not self.taken and not self.elsewhere


def offered(clinic: Clinic, asked: Asked) -> list[Slot]:
    """Whatever is offered, each time of a doctor and a kind of visit once: where it is free, if it is so anywhere."""
    found: dict[tuple[datetime, Mode, UUID], Slot] = {}
    for doctor in clinic.doctors:
        for offer in doctor.offers if doctor.bookable else []:
            if asked.mode in (None, offer.mode):
                for slot in _slots(clinic, asked, doctor, offer):
                    key = (slot.starts_at, slot.mode, slot.doctor_id)
                    if key not in found or _rank(slot) < _rank(found[key]):
                        found[key] = slot
    return [found[key] for key in sorted(found)]


def _rank(slot: Slot) -> tuple[bool, bool, UUID, tuple[UUID, ...]]:
    return slot.taken, slot.branch_id is None, slot.branch_id or UUID(int=0), slot.resources


def _slots(clinic: Clinic, asked: Asked, doctor: Doctor, offer: Offer) -> Iterator[Slot]:
    before, after = offer.before_minutes + offer.travel_minutes, offer.after_minutes + offer.travel_minutes
    every = offer.every_minutes or before + offer.minutes + after
    notice = doctor.notice if offer.notice is None else offer.notice
    horizon = doctor.horizon if offer.horizon is None else offer.horizon
    busy = [v for v in clinic.visits if _counts(v, asked)]
    taken = union(minutes_of(v, buffers=True) for v in busy if v.doctor_id == doctor.id and takes_time(v))
    elsewhere = union(
        minutes_of(v) for v in busy if v.patient_id == asked.patient and v.status in LIVE and v.status != "held"
    )
    for branch, resources, piece in _pieces(clinic, asked, doctor, offer.mode):
        closed = _closed(clinic, asked, doctor, offer.mode, branch)
        rooms = union(
            minutes_of(v)
            for v in busy
            if v.placed == "booked" and v.status in LIVE and set(v.resources) & set(resources)
        )
        for start in range(piece.start, piece.stop - offer.minutes + 1, every):
            starts_at, visit = datetime.fromtimestamp(start * 60, UTC), range(start, start + offer.minutes)
            if not (asked.from_at <= starts_at < asked.to_at):
                continue
            if not (asked.now + notice <= starts_at < asked.now + horizon) or not closed.isdisjoint(visit):
                continue
            occupied = (
                not taken.isdisjoint(range(visit.start - before, visit.stop + after))
                or not rooms.isdisjoint(visit)
                or _full(busy, doctor, offer, starts_at)
            )
            yield Slot(
                doctor.id,
                offer.mode,
                starts_at,
                starts_at + timedelta(minutes=offer.minutes),
                branch,
                resources,
                occupied,
                not elsewhere.isdisjoint(visit),
            )


def _pieces(
    clinic: Clinic, asked: Asked, doctor: Doctor, mode: Mode
) -> Iterator[tuple[UUID | None, tuple[UUID, ...], range]]:
    """Uninterrupted stretches of time in which she sees people; beginnings are counted from the start of each."""
    zone = ZoneInfo(doctor.zone)
    pauses = union(clock for day in days(asked, zone) for clock in on(day, doctor.breaks, zone))
    for day in days(asked, zone):
        for row in doctor.hours:
            if row.weekday == day.isoweekday() and mode in row.modes:
                open_minutes = set(span(day, row.opens, row.closes, zone)) - pauses
                if row.branch_id in clinic.branch_hours:
                    house = ZoneInfo(clinic.zone)
                    open_minutes &= union(
                        clock for d in days(asked, house) for clock in on(d, clinic.branch_hours[row.branch_id], house)
                    )
                for stretch in stretches(open_minutes):
                    yield row.branch_id, row.resources, stretch
        for extra in doctor.exceptions:
            if not extra.closed and mode in extra.modes and falls_on(extra, day):
                assert extra.opens is not None and extra.closes is not None
                for stretch in stretches(set(span(day, extra.opens, extra.closes, zone))):
                    yield extra.branch_id, extra.resources, stretch


def _closed(clinic: Clinic, asked: Asked, doctor: Doctor, mode: Mode, branch: UUID | None) -> set[int]:
    zone, house = ZoneInfo(doctor.zone), ZoneInfo(clinic.zone)
    away = union(range(minute(a), minute(b)) for a, b in doctor.leaves)
    for day in days(asked, zone):
        for one in doctor.exceptions:
            if one.closed and mode in one.modes and falls_on(one, day):
                away |= set(span(day, one.opens or MIDNIGHT, one.closes or MIDNIGHT, zone))
    for day, where in clinic.holidays:
        if where is None or where == branch:
            away |= set(span(day, MIDNIGHT, MIDNIGHT, house))
    return away


def _counts(visit: Visit, asked: Asked) -> bool:
    """Not the visit that is to be moved, nor what ran out, nor what the patient herself holds."""
    if visit.id == asked.but:
        return False
    if visit.expires_in is not None and visit.expires_in <= timedelta(0):
        return False
    return not (visit.status == "held" and visit.patient_id == asked.patient)


def takes_time(visit: Visit) -> bool:
    return visit.status in LIVE and visit.placed != "walk_in"


def _full(busy: list[Visit], doctor: Doctor, offer: Offer, at: datetime) -> bool:
    zone = ZoneInfo(doctor.zone)
    that_day = [
        v
        for v in busy
        if v.doctor_id == doctor.id
        and v.mode == offer.mode
        and v.placed != "walk_in"
        and v.status in (*LIVE, "completed")
        and v.starts_at.astimezone(zone).date() == at.astimezone(zone).date()
    ]
    return offer.daily_max is not None and len(that_day) >= offer.daily_max


def falls_on(one: Exceptional, asked: date) -> bool:
    """One occurrence after the other, until the day asked for."""
    for n in count():
        if one.repeats == "monthly":
            months = one.day.year * 12 + one.day.month - 1 + n * one.every
            try:
                day = one.day.replace(year=months // 12, month=months % 12 + 1)
            except ValueError:  # this month lacks the day
                if months > asked.year * 12 + asked.month:
                    return False
                continue
        else:
            day = one.day + n * one.every * {"once": A_DAY, "daily": A_DAY, "weekly": 7 * A_DAY}[one.repeats]
        if day > asked or (one.until and day > one.until) or (one.repeats == "once" and n):
            return False
        if day == asked:
            return True
    raise AssertionError


def days(asked: Asked, zone: ZoneInfo) -> list[date]:
    """Local days that can matter, and some more."""
    first = asked.from_at.astimezone(zone).date() - 4 * A_DAY
    last = asked.to_at.astimezone(zone).date() + 3 * A_DAY
    return [first + n * A_DAY for n in range((last - first).days + 1)]


def on(day: date, rows: list[Clock], zone: ZoneInfo) -> list[range]:
    return [span(day, row.opens, row.closes, zone) for row in rows if row.weekday == day.isoweekday()]


def span(day: date, opens: time, closes: time, zone: ZoneInfo) -> range:
    closing_day = day if closes > opens else day + A_DAY
    return range(minute_of(day, opens, zone), minute_of(closing_day, closes, zone))


def minute_of(day: date, clock: time, zone: ZoneInfo) -> int:
    """A skipped time moves forward by the gap; of a time that comes twice the first is meant."""
    return minute(datetime.combine(day, clock, zone).replace(fold=0))


def minute(at: datetime) -> int:
    seconds = at.timestamp()
    assert seconds % 60 == 0
    return int(seconds) // 60


def minutes_of(visit: Visit, *, buffers: bool = False) -> range:
    before, after = (visit.before_minutes, visit.after_minutes) if buffers else (0, 0)
    return range(minute(visit.starts_at) - before, minute(visit.ends_at) + after)


def union(parts: "Iterator[range]") -> set[int]:
    return {one for part in parts for one in part}


def stretches(minutes: set[int]) -> Iterator[range]:
    """Runs of minutes one after the other."""
    for start in sorted(one for one in minutes if one - 1 not in minutes):
        stop = start
        while stop in minutes:
            stop += 1
        yield range(start, stop)
