"""How long will it be? Pure: from what a doctor's visits took lately, and who is before whom, a range that eight of ten
waits end in.

The duration of a visit is log-normal, fitted to her own visits of the same mode and kind; where those are few they are
helped out by those of the mode, of the doctor, and at last by what the visit is booked for. The moment at which
somebody comes in is a distribution over minutes: the rest of the visit in progress, and one duration after the other,
with those who may yet come and go before her.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from math import log, sqrt
from statistics import median

import msgspec

from svastha.domain.appointments import Kind, Placed
from svastha.domain.queue.minutes import (
    LONGEST,
    ONE,
    Law,
    Mass,
    convolved,
    duration,
    lasting,
    mixed,
    not_before,
    quantile,
    split,
)
from svastha.domain.queue.model import Turn, Wait
from svastha.domain.queue.order import due
from svastha.domain.schedule import Mode

LOW, HIGH = 0.1, 0.9
USUAL = 15.0  # minutes, of a mode that is not offered any more
SPREAD = 0.6  # of the logarithm, where nothing is known
WEIGHT = 4.0  # of what is known in general, in visits
GAP, LONGEST_GAP = 1.5, 20.0  # minutes between two visits
LATE = 5.0  # minutes after the first booked time
SHOWS = (18.0, 2.0)  # came and did not come, before anything is known
PAUSE = timedelta(hours=6)
EARLY = timedelta(minutes=10)  # how long before her time somebody usually comes
URGENT = 0.02  # share of people who must not wait
DAYS = 0.06  # how much slower or faster than usual a doctor is on one day and not on another

A_MINUTE = timedelta(minutes=1)


class Past(msgspec.Struct, frozen=True):
    """A visit that was completed."""

    mode: Mode
    kind: Kind
    placed: Placed
    starts_at: datetime
    began_at: datetime
    ended_at: datetime
    here_at: datetime | None  # checked in
    urgent: bool = False


class Pace(msgspec.Struct, frozen=True):
    """How a doctor works. ``gap`` and ``late`` are means in minutes; ``shows``: the share of those booked who come;
    ``urgent``: of all who come, who must not wait; ``walk_ins``: how many come in a minute."""

    laws: Mapping[tuple[Mode, Kind], Law]
    offers: Mapping[Mode, float]
    usual: Law  # of all her visits, relative to what they were booked for
    gap: float = GAP
    late: float = LATE
    shows: float = SHOWS[0] / sum(SHOWS)
    urgent: float = URGENT
    walk_ins: float = 0.0
    begins_early: bool = True

    def law(self, mode: Mode, kind: Kind) -> Law:
        usual = Law(log(self.offers.get(mode, USUAL)) + self.usual.mean, self.usual.spread)
        return self.laws.get((mode, kind)) or usual

    @property
    def anybody(self) -> Law:
        """Of a visit of whatever mode and kind."""
        offered = sum(self.offers.values()) / len(self.offers) if self.offers else USUAL
        return Law(log(offered) + self.usual.mean, self.usual.spread)


def pace_of(past: Sequence[Past], offers: Mapping[Mode, float], *, missed: int = 0) -> Pace:
    """``past``: her visits of late, in any order. ``offers``: for how many minutes each mode is booked. ``missed``: how
    many of the same time did not come."""
    took: dict[tuple[Mode, Kind], list[float]] = {}
    by_mode: dict[Mode, list[float]] = {}
    for visit in past:
        ratio = log(max(0.5, _minutes(visit.ended_at - visit.began_at)) / offers.get(visit.mode, USUAL))
        took.setdefault((visit.mode, visit.kind), []).append(ratio)
        by_mode.setdefault(visit.mode, []).append(ratio)
    usual = _fit(Law(0, SPREAD), [ratio for ratios in by_mode.values() for ratio in ratios])
    modes = {mode: _fit(usual, ratios) for mode, ratios in by_mode.items()}
    laws = {}
    for (mode, kind), ratios in took.items():
        law = _fit(modes[mode], ratios)
        laws[mode, kind] = Law(law.mean + log(offers.get(mode, USUAL)), law.spread)
    sessions = _sessions(past)
    booked = [visit for visit in past if visit.placed != "walk_in"]
    early = sum(visit.began_at < visit.starts_at - A_MINUTE for visit in booked)
    return Pace(
        laws,
        offers,
        usual,
        _mean(_gaps(sessions), GAP),
        _mean(_lateness(sessions), LATE),
        (SHOWS[0] + len(booked)) / (sum(SHOWS) + len(booked) + missed),
        _mean([float(visit.urgent) for visit in past], URGENT),
        (len(past) - len(booked)) / (60 + sum(_minutes(one[-1].ended_at - one[0].began_at) for one in sessions)),
        len(booked) < 10 or early * 10 > len(booked),
    )


def _fit(usual: Law, sample: Sequence[float]) -> Law:
    """What the next one will be like, after these, if it was thought to be ``usual``. One that was forgotten and ended
    hours later counts as a long one."""
    if not sample:
        return usual
    middle = median(sample)
    cut = [min(max(one, middle - 1.6), middle + 1.6) for one in sample]
    n, mean = len(cut), sum(cut) / len(cut)
    off = WEIGHT * n / (WEIGHT + n) * (mean - usual.mean) ** 2
    variance = (WEIGHT * usual.spread**2 + sum((one - mean) ** 2 for one in cut) + off) / (WEIGHT + n)
    return Law((WEIGHT * usual.mean + n * mean) / (WEIGHT + n), sqrt(variance * (1 + 1 / (WEIGHT + n))))


def _sessions(past: Sequence[Past]) -> list[list[Past]]:
    """What was done without a pause of six hours, in order."""
    sessions: list[list[Past]] = []
    for visit in sorted(past, key=lambda visit: visit.began_at):
        if not sessions or visit.began_at - sessions[-1][-1].ended_at > PAUSE:
            sessions.append([])
        sessions[-1].append(visit)
    return sessions


def _gaps(sessions: Sequence[Sequence[Past]]) -> list[float]:
    """From one visit to the next, where the next one was there."""
    gaps = []
    for session in sessions:
        for one, other in pairwise(session):
            since = max(one.ended_at, other.here_at or other.began_at)
            gaps.append(_minutes(other.began_at - since))
    return [gap for gap in gaps if 0 <= gap < LONGEST_GAP]


def _lateness(sessions: Sequence[Sequence[Past]]) -> list[float]:
    """How long after the first booked time a session begins."""
    first = [min((v.starts_at for v in one if v.placed != "walk_in"), default=one[0].began_at) for one in sessions]
    late = [_minutes(one[0].began_at - booked) for one, booked in zip(sessions, first, strict=True)]
    return [min(60.0, max(0.0, minutes)) for minutes in late]


def _mean(sample: Sequence[float], usual: float) -> float:
    return (WEIGHT * usual + sum(sample)) / (WEIGHT + len(sample))


def waits(
    line: Sequence[Turn],
    pace: Pace,
    *,
    at: datetime,
    late_after: timedelta,
    begun: bool,
    opens_at: datetime | None = None,
    resumes_at: datetime | None = None,
) -> list[Wait]:
    """For each turn of the line, which is in order, the wait until she comes in; of who is with the doctor, none. Of
    who has not arrived: if she comes in time.

    ``begun``: the doctor has had somebody in today; otherwise she begins at ``opens_at``, late as usual.
    ``resumes_at``: she says that nobody comes in before.
    """
    steps, passed = [], at
    for turn in line:
        if turn.status == "in_progress":
            continue
        walk_ins = None
        if due(turn) > passed:  # whoever walks in until then is due before her
            walk_ins, passed = _coarse(pace.walk_ins * _minutes(due(turn) - passed)), due(turn)
        own = _from(turn.starts_at, at) if turn.placed == "booked" and not pace.begins_early else 0
        here, comes = own, None
        if not turn.waiting:
            here = max(own, _from(turn.starts_at - EARLY, at))
            comes = _coarse(pace.shows * _still_in_time(turn.starts_at, at, late_after))
        steps.append(_Step(walk_ins, own, here, pace.law(turn.mode, turn.kind), comes))
    begin = _begin(line, pace, at, begun, opens_at, resumes_at)
    ranges = iter(_ranges(begin, tuple(steps), pace.anybody, pace.gap, pace.urgent))
    return [Wait(0, 0) if turn.status == "in_progress" else next(ranges) for turn in line]


class _Step(msgspec.Struct, frozen=True):
    """Somebody who is still to come in. ``walk_ins``: how likely one comes before her; ``own`` and ``here``: minutes
    until her time, and until she is here; ``comes``: how likely, of who is not here yet."""

    walk_ins: float | None
    own: int
    here: int
    law: Law
    comes: float | None


class _Begin(msgspec.Struct, frozen=True):
    """``law`` and ``elapsed``: of the visit in progress. ``opens`` and ``resumes``: minutes until then."""

    law: Law | None
    elapsed: int
    begun: bool
    opens: int | None
    resumes: int | None
    late: float


def _begin(
    line: Sequence[Turn],
    pace: Pace,
    at: datetime,
    begun: bool,
    opens_at: datetime | None,
    resumes_at: datetime | None,
) -> _Begin:
    """Of two visits in progress the earlier one was forgotten."""
    current = max(
        (turn for turn in line if turn.status == "in_progress" and turn.began_at),
        key=lambda turn: turn.began_at or at,
        default=None,
    )
    opens, resumes = (_from(moment, at) if moment else None for moment in (opens_at, resumes_at))
    law, elapsed = None, 0
    if current and current.began_at:
        law, elapsed = pace.law(current.mode, current.kind), round(max(0.0, _minutes(at - current.began_at)))
    return _Begin(law, elapsed, begun, opens, resumes, pace.late)


@lru_cache(maxsize=1024)  # until the next minute it is all the same, and who follows a queue looks more often
def _ranges(begin: _Begin, steps: tuple[_Step, ...], anybody: Law, gap: float, urgent: float) -> tuple[Wait, ...]:
    ready, found = _ready(begin, gap), []
    for step in steps:
        if step.walk_ins is not None:
            ready = convolved(ready, _perhaps(_whole(anybody, anybody, gap, urgent), step.walk_ins))
        found.append(_range(not_before(ready, step.here), step.here))
        lasts = _whole(step.law, anybody, gap, urgent)
        if step.comes is None:
            ready = convolved(not_before(ready, step.own), lasts)
        else:  # somebody who is not here when the doctor has time delays nobody
            before, after = split(ready, step.here)
            met = convolved(not_before(after, step.own), _perhaps(lasts, step.comes)) if after[1] else after
            ready = mixed((1.0, before), (1.0, met)) if before[1] else met
    return tuple(found)


def _ready(begin: _Begin, gap: float) -> Mass:
    """When the next one may come in."""
    if begin.law:
        return convolved(duration(begin.law, begin.elapsed), lasting(gap))
    free: Mass = (0, [ONE]) if not begin.begun else lasting(gap)
    if not begin.begun:
        free = (begin.opens, [ONE]) if begin.opens is not None else free
        free = free if begin.resumes is not None else convolved(free, lasting(begin.late))
    return not_before(free, begin.resumes) if begin.resumes is not None else free


def _perhaps(lasts: Mass, likely: float) -> Mass:
    """One more visit, if it comes to that."""
    return mixed((1 - likely, (0, [ONE])), (likely, lasts))


def _coarse(likely: float) -> float:
    return min(0.9, round(likely, 2))


def _from(moment: datetime, at: datetime) -> int:
    return min(LONGEST, max(0, round(_minutes(moment - at))))


def _still_in_time(starts_at: datetime, at: datetime, late_after: timedelta) -> float:
    """How likely somebody comes who would have come, and is not here yet."""
    if at <= starts_at or not late_after:
        return 1.0
    return max(0.0, 1 - (at - starts_at) / late_after)


@lru_cache(maxsize=256)
def _whole(law: Law, anybody: Law, gap: float, urgent: float) -> Mass:
    """A visit, with the way there of the next one, who may be somebody who must not wait."""
    visit = convolved(duration(law), lasting(gap))
    return convolved(visit, _perhaps(convolved(duration(anybody), lasting(gap)), urgent))


def _range(mass: Mass, least: int) -> Wait:
    """What one day has of its own is common to all visits of it, so it does not even out."""
    sums = list(accumulate(mass[1]))
    low, middle, high = (mass[0] + quantile(sums, share * sums[-1]) for share in (LOW, 0.5, HIGH))
    day = (1.28 * DAYS * middle) ** 2
    low, high = middle - sqrt((middle - low) ** 2 + day), middle + sqrt((high - middle) ** 2 + day)
    return Wait(_for_people(max(least, mass[0], low)), _for_people(high))


def _for_people(minutes: float) -> int:
    """To the nearest minute, from half an hour on to the nearest five. Rounding outwards would promise less than is
    known."""
    step = 1 if minutes < 30 else 5
    return max(0, round(minutes / step) * step)


def _minutes(time: timedelta) -> float:
    return time.total_seconds() / 60
