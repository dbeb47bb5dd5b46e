"""Four weeks of invented visits, computed without a database: the same for the same moment, whoever asks."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from svastha.domain.schedule import Mode

from .people import PATIENTS, PATIENTS_OF
from .reasons import REASONS
from .weeks import POSTS, Post, between

ZONE = ZoneInfo("Asia/Kolkata")
DAYS = 14  # back, and ahead
NEWCOMER = 1  # this patient has only the two visits a newcomer is shown
SOON = timedelta(minutes=20)
FREE_FOR_NEWCOMERS = timedelta(hours=2, minutes=10)  # the first doctor's next hours, so that a walk through fits in
WAKING = range(7, 21)  # one doctor is there day and night, but who comes of herself comes by day
# At each clinic somebody sits in the waiting room of this doctor when the demo is made.
WAITING = {"asha": (1, 2), "nadi": (7, 21)}


class Opening(NamedTuple):
    doctor: int
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    fee_paise: int


class Step(NamedTuple):
    status: str
    at: datetime
    by: str  # patient, doctor or desk
    why: str | None = None


class Visit(NamedTuple):
    clinic: str
    patient: int
    opening: Opening
    reason: str | None
    steps: tuple[Step, ...]

    @property
    def status(self) -> str:
        return self.steps[-1].status


def plan(at: datetime) -> list[Visit]:
    """In order of days. Nobody is in two places at once, not even across clinics."""
    diary = Diary(at)
    today = at.astimezone(ZONE).date()
    for ahead in range(-DAYS, DAYS + 1):
        day = today + timedelta(days=ahead)
        for clinic in PATIENTS_OF:
            diary.fill(clinic, day)
    return diary.visits


def openings(post: Post, day: date, today: date) -> Iterator[Opening]:
    """What her week offers on this day, on the same grid that patients are offered."""
    shut = [
        between(odd.span or "00:00-23:59") for odd in post.odd if odd.closed and day == today + timedelta(odd.ahead)
    ]
    for hours in post.hours:
        for offer in post.offers:
            if hours.weekday != day.isoweekday() or offer.mode not in hours.modes:
                continue
            lasts = timedelta(minutes=offer.minutes)
            starts, closes = _at(day, hours.opens), _at(day, hours.closes)
            if closes <= starts:
                closes = _at(day + timedelta(days=1), hours.closes)
            while starts + lasts <= closes:
                ends = starts + lasts
                if not any(starts < _at(day, till) and _at(day, since) < ends for since, till in shut):
                    yield Opening(post.doctor, offer.mode, starts, ends, offer.fee_paise)
                starts = ends


def _at(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, ZONE)


class Diary:
    """Who is where, so far."""

    def __init__(self, at: datetime) -> None:
        self.visits: list[Visit] = []
        self._at, self._today = at, at.astimezone(ZONE).date()
        self._random = Random(7)  # noqa: S311 - the same invented visits every time
        self._busy: dict[int, list[Opening]] = defaultdict(list)
        self._seen: dict[date, set[int]] = defaultdict(set)

    def fill(self, clinic: str, day: date) -> None:
        """Eight to fourteen visits, spread over whoever works that day; most come to the first doctor."""
        working = {
            post.doctor: found
            for post in POSTS
            if post.clinic == clinic
            if (found := [*openings(post, day, self._today)])
        }
        begun = len(self.visits)
        self._promised(clinic, day, working)
        wanted = begun + self._random.randint(8, 14)
        for _ in range(60):
            if len(self.visits) >= wanted:
                break
            doctor = self._random.choices([*working], [3 if doctor == 1 else 1 for doctor in working])[0]
            patient = self._random.choice(PATIENTS_OF[clinic])
            opening = self._random.choice([o for o in working[doctor] if o.starts_at.hour in WAKING])
            if patient != NEWCOMER:
                self._write(clinic, patient, opening)

    def _promised(self, clinic: str, day: date, working: dict[int, list[Opening]]) -> None:
        if clinic == "asha" and day == self._today - timedelta(days=6):
            ten = next(o for o in working[1] if o.mode == "video" and o.starts_at >= _at(day, time(10)))
            self._write(clinic, NEWCOMER, ten, came=True)
        if day == self._today:
            self._today_of(clinic, *WAITING[clinic], working)

    def _today_of(self, clinic: str, doctor: int, waiting: int, working: dict[int, list[Opening]]) -> None:
        """Some who have been, one who waits, some to come: as far as the hour allows."""
        day = sorted((o for o in working[doctor] if o.mode == "video"), key=lambda o: o.starts_at)
        been = [o for o in day if o.ends_at <= self._at - SOON][-5::2]
        here = [o for o in day if self._at - SOON / 2 <= o.starts_at <= self._at + SOON][:1]
        coming = [o for o in day if o.starts_at > self._at + FREE_FOR_NEWCOMERS][::5][:3]
        patients = self._random.sample([n for n in PATIENTS_OF[clinic] if n not in (NEWCOMER, waiting)], 6)
        for patient, opening in zip(patients, been + coming, strict=False):
            self._write(clinic, patient, opening, came=True)
        for opening in here:
            self._write(clinic, waiting, opening, came=True)

    def _write(self, clinic: str, patient: int, opening: Opening, *, came: bool = False) -> None:
        day = opening.starts_at.date()
        if opening.doctor == 1 and not came and timedelta(0) < opening.starts_at - self._at < FREE_FOR_NEWCOMERS:
            return
        clash = any(o.starts_at < opening.ends_at and opening.starts_at < o.ends_at for o in self._busy[opening.doctor])
        if clash or patient in self._seen[day]:
            return
        self._busy[opening.doctor].append(opening)
        self._seen[day].add(patient)
        reason = self._random.choice(REASONS[PATIENTS[patient - 1].locale]) if self._random.random() < 0.6 else None
        self.visits.append(Visit(clinic, patient, opening, reason, (*self._life(opening, came),)))

    def _life(self, opening: Opening, came: bool) -> Iterator[Step]:
        """Its steps until now."""
        rolled, minute = self._random.random(), timedelta(minutes=1)
        starts, ends = opening.starts_at, opening.ends_at
        made = min(starts, self._at) - timedelta(
            hours=self._random.randint(5, 200), minutes=self._random.randint(0, 59)
        )
        host = "patient" if opening.mode == "video" else "desk"
        yield Step("confirmed", made, "patient" if self._random.random() < 0.8 else "desk")
        if rolled < 0.06 and not came:
            gone = made + (min(starts, self._at) - made) * self._random.uniform(0.1, 0.9)
            yield Step("cancelled", gone, "patient", "Something came up")
        elif ends <= self._at:
            if rolled < 0.11 and not came:
                yield Step("no_show", ends - minute, "doctor")
            else:
                yield Step("checked_in", starts - self._random.randint(2, 9) * minute, host)
                yield Step("in_progress", starts + self._random.randint(0, 3) * minute, "doctor")
                yield Step("completed", ends - self._random.randint(0, 3) * minute, "doctor")
        elif starts <= self._at + SOON:
            yield Step("checked_in", min(starts, self._at) - self._random.randint(2, 6) * minute, host)
