"""Calendars for property tests: random ones around the days on which something odd happens.

Hypothesis throws the seed and how many of everything there are, so that it can look for the fewest; the rest is thrown
here, which is fifty times as fast. One thing more or less changes nothing about the others.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st

from svastha.domain.schedule import MODES, Mode, Offer
from tests.schedule.reference import Asked, Clinic, Clock, Doctor, Exceptional, Hours, Visit

ZONES = (
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/New_York",
    "Europe/London",
    "Australia/Sydney",
    "Australia/Lord_Howe",  # half an hour
    "America/Santiago",  # jumps at midnight
    "Pacific/Apia",
    "UTC",
)
DOCTORS = [UUID(int=n) for n in (0xD1, 0xD2)]
PATIENTS = [UUID(int=n) for n in (0xA1, 0xA2, 0xA3)]
BRANCHES = [UUID(int=n) for n in (0xB1, 0xB2)]
ROOMS = [UUID(int=n) for n in (0xC1, 0xC2, 0xC3)]
A_DAY = timedelta(days=1)
LIVE = ("held", "requested", "confirmed", "checked_in", "in_progress")
OVER = ("completed", "completed", "expired", "declined", "cancelled", "no_show")


class Thrown(msgspec.Struct, frozen=True):
    seed: int
    modes: int
    hours: int
    breaks: int
    exceptions: int
    leaves: int
    houses: int
    holidays: int
    visits: int


thrown = st.builds(
    Thrown,
    st.integers(0, 2**32),
    st.integers(1, 3),
    st.integers(1, 8),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 1),
    st.integers(0, 2),
    st.integers(0, 1),
    st.integers(0, 16),
)


@cache
def odd_days(zone: str, today: date) -> tuple[date, ...]:
    """The days whose clocks are changed within two years from tomorrow; the ends of three months; the next leap day;
    and this very week."""
    found = [today, today + A_DAY, today + 3 * A_DAY, leap_day(today)]
    for n in range(2, 730):
        day = today + n * A_DAY
        if length(day, zone) != A_DAY:
            found += [day] * 3
        if day.day == 1 and n < 100:
            found.append(day - A_DAY)
    return tuple(found)


def length(day: date, zone: str) -> timedelta:
    ends = [datetime.combine(d, time(0), ZoneInfo(zone)).astimezone(UTC) for d in (day, day + A_DAY)]
    return ends[1] - ends[0]


def leap_day(today: date) -> date:
    return date(next(y for y in range(today.year + 1, today.year + 9) if y % 4 == 0), 2, 29)


def calendar(thrown: Thrown, now: datetime) -> tuple[Clinic, Asked]:
    """Two doctors of a clinic, and what somebody asks about a few days there."""
    (dice,) = _dice(thrown, "clinic", 1)
    zone = dice.choice(ZONES)
    day = dice.choice(odd_days(zone, now.date()))
    zones = [zone, dice.choice([zone, zone, *ZONES])]
    clinic = Clinic(
        dice.choice([zone, zone, "Asia/Kolkata"]),
        [_doctor(thrown, n, zones[n], now, day) for n in range(2)],
        {
            branch: _once([Clock(_weekday(d, day), *_span(d)) for d in _dice(thrown, branch, 6)])
            for branch in BRANCHES[: thrown.houses]
        },
        [
            (day + d.randint(-1, 1) * A_DAY, d.choice([None, *BRANCHES]))
            for d in _dice(thrown, "holiday", thrown.holidays)
        ],
        [_visit(d, n, zone, day) for n, d in enumerate(_dice(thrown, "visit", thrown.visits))],
    )
    from_at = _moment(dice, day, zone) + timedelta(hours=-12, seconds=dice.choice([0, 0, 1]))
    return clinic, Asked(
        now,
        from_at,
        from_at + timedelta(minutes=dice.choice([90, 1440, 1500, 4320, 4320])),
        dice.choice([None, None, None, *MODES]),
        dice.choice([None, *PATIENTS, *PATIENTS]),
        dice.choice([None, *[v.id for v in clinic.visits]]),
    )


def _dice(thrown: Thrown, what: object, many: int) -> Iterator[Random]:
    for n in range(many):
        yield Random(f"{thrown.seed} {what} {n}")


def _doctor(thrown: Thrown, n: int, zone: str, now: datetime, day: date) -> Doctor:
    def dice(what: str, many: int) -> Iterator[Random]:
        return _dice(thrown, f"{n} {what}", many)

    (mine,) = dice("doctor", 1)
    modes = mine.sample(MODES, thrown.modes)
    return Doctor(
        DOCTORS[n],
        zone,
        _notice(mine, now, day),
        _horizon(mine, now, day),
        [_offer(d, mode, now, day) for mode, d in zip(modes, dice("offer", thrown.modes), strict=True)],
        [Hours(_weekday(d, day), *_span(d), _modes(d), *_place(d)) for d in dice("hours", thrown.hours)],
        _once([_pause(d, day) for d in dice("break", thrown.breaks)]),
        [_exception(d, day) for d in dice("exception", thrown.exceptions)],
        [
            (start, start + timedelta(minutes=d.choice([15, 120, 1440])))
            for d in dice("leave", thrown.leaves)
            for start in [_moment(d, day, zone)]
        ],
        mine.random() > 0.03,
    )


def _once(rows: list[Clock]) -> list[Clock]:
    return list({(row.weekday, row.opens): row for row in rows}.values())


def _weekday(dice: Random, day: date) -> int:
    """Mostly of this day, of the one before or the one after."""
    return (day + dice.choice([0, 0, 0, 0, -1, -1, 1, 1, 2, 4]) * A_DAY).isoweekday()


def _clock(dice: Random) -> time:
    return time(dice.randint(0, 23), dice.choice([0, 0, 15, 30, 45, 50]))


def _span(dice: Random) -> tuple[time, time]:
    """Of a working day, mostly; sometimes through the night, or around the clock."""
    kind = dice.random()
    if kind < 0.4:
        return time(dice.randint(0, 11), dice.choice([0, 30])), time(dice.randint(12, 23), 15)
    if kind < 0.7:
        return time(dice.randint(17, 23), dice.choice([0, 30])), time(dice.randint(0, 16), 15)
    return _clock(dice), _clock(dice)


def _pause(dice: Random, day: date) -> Clock:
    if dice.random() < 0.7:
        hour = dice.randint(8, 22)
        return Clock(_weekday(dice, day), time(hour, 20), time(hour + 1, dice.choice([0, 5, 45])))
    return Clock(_weekday(dice, day), _clock(dice), _clock(dice))


def _modes(dice: Random) -> tuple[Mode, ...]:
    return dice.choice([MODES, MODES, MODES[:2], (dice.choice(MODES),)])


def _place(dice: Random) -> tuple[UUID | None, tuple[UUID, ...]]:
    branch = dice.choice([None, *BRANCHES])
    many = dice.choice([0, 1, 1, 2]) if branch else 0
    return branch, tuple(dice.sample(ROOMS, many))


def _offer(dice: Random, mode: Mode, now: datetime, day: date) -> Offer:
    return Offer(
        mode,
        dice.choice([15, 20, 30, 45, 60, 7, 240]),
        100,
        dice.choice([None, None, 10, 30, 60]),
        dice.choice([0, 0, 5, 15]),
        dice.choice([0, 0, 10, 120]),
        dice.choice([0, 25, 180]) if mode == "home_visit" else 0,
        (),
        dice.choice([None, None, _notice(dice, now, day)]),
        dice.choice([None, None, _horizon(dice, now, day)]),
        dice.choice([None, None, None, 1, 2, 3]),
    )


def _notice(dice: Random, now: datetime, day: date) -> timedelta:
    """Mostly short; sometimes until the middle of the day in question."""
    noon = datetime.combine(day, time(12), UTC) - now
    return dice.choice([*[timedelta(0), timedelta(minutes=15), timedelta(hours=3)] * 3, max(noon, timedelta(0))])


def _horizon(dice: Random, now: datetime, day: date) -> timedelta:
    noon = datetime.combine(day, time(12), UTC) - now
    return dice.choice([*[timedelta(days=2000)] * 12, max(noon, timedelta(hours=5)), timedelta(days=60)])


def _exception(dice: Random, day: date) -> Exceptional:
    closed, repeats = dice.random() < 0.5, dice.choice(["once", "daily", "weekly", "monthly"])
    every = dice.choice([1, 1, 2, 3, 12])
    step = {"once": 0, "daily": 1, "weekly": 7, "monthly": 28}[repeats]
    begin = day + timedelta(days=dice.randint(-1, 1) - step * every * dice.randint(0, 4))
    if repeats == "monthly" and day.day < 29 and dice.random() < 0.5:  # really this day of an earlier month
        begin = (day.replace(day=1) - every * timedelta(days=28)).replace(day=day.day)
    until = None if repeats == "once" else dice.choice([None, None, begin, max(day, begin), max(day + A_DAY, begin)])
    opens, closes = (None, None) if closed and dice.random() < 0.5 else _span(dice)
    branch, resources = (None, ()) if closed else _place(dice)
    return Exceptional(begin, closed, opens, closes, _modes(dice), repeats, every, until, branch, resources)


def _moment(dice: Random, day: date, zone: str) -> datetime:
    """Within eighteen hours of the middle of this day, at full five minutes."""
    noon = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
    return noon + timedelta(minutes=5 * dice.randint(-18 * 12, 18 * 12))


def _visit(dice: Random, number: int, zone: str, day: date) -> Visit:
    starts, status = _moment(dice, day, zone), dice.choice([*LIVE, *LIVE, *OVER])
    return Visit(
        UUID(int=0xE0 + number),
        dice.choice(DOCTORS),
        dice.choice(PATIENTS),
        dice.choice(MODES),
        status,
        dice.choice(["booked"] * 4 + ["squeezed", "walk_in"]),
        starts,
        starts + timedelta(minutes=dice.choice([15, 30, 60, 240])),
        dice.choice([0, 0, 5, 180]),
        dice.choice([0, 0, 10, 300]),
        timedelta(minutes=dice.choice([-10, 0, 10, 10])) if status in ("held", "requested") else None,
        tuple(dice.sample(ROOMS, dice.choice([0, 0, 1, 2]))),
    )
