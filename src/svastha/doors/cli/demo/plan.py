"""Four weeks of invented visits, computed without a database: the same for the same moment, whoever asks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from svastha.domain.schedule import Mode

from .calls import CLINIC_OF_QUEUE, DOCTOR_OF_QUEUE, Step, Visit, posts, queue
from .clock import ZONE, Span, moment
from .people import PATIENTS, PATIENTS_OF
from .reasons import REASONS
from .weeks import Opening, openings

DAYS = 14  # back, and ahead
NEWCOMER = 1  # this patient has only the two visits a newcomer is shown
SOON = timedelta(minutes=20)
FREE_FOR_NEWCOMERS = timedelta(hours=2, minutes=10)  # the first doctor's next hours, so that a walk through fits in
WAKING = range(7, 21)  # one doctor is there day and night, but who comes of herself comes by day
# At each clinic somebody sits in the waiting room of this doctor when the demo is made.
WAITING = {"asha": (1, 2), "nadi": (7, 21)}
# Two days on which this doctor of asha is full, and who waits for one of them, in order of joining.
FULL, WHO_WAIT = 3, (14, 20, 18)
GIVEN_UP = "Has to travel"
# This doctor of asha takes leave: days ahead, from and until. Who has a visit on the first of them that she would work.
AWAY, LEAVE = 5, (2, 4)
ASKED = (3, 5, 11)


def plan(at: datetime) -> list[Visit]:
    """In order of days. Nobody is in two places at once, not even across clinics."""
    diary = Diary(at)
    today = at.astimezone(ZONE).date()
    for ahead in range(-DAYS, DAYS + 1):
        day = today + timedelta(days=ahead)
        for clinic in PATIENTS_OF:
            diary.fill(clinic, day)
    return diary.visits


def full_days(at: datetime) -> list[date]:
    """The next two on which there would be time enough if nobody had come before."""
    return _days(at, FULL, 1)[:2]


def _days(at: datetime, doctor: int, since: int) -> list[date]:
    """On which this doctor of asha sees people in person, from so many days ahead on."""
    today = at.astimezone(ZONE).date()
    [post] = [post for post in posts(at) if (post.clinic, post.doctor) == ("asha", doctor)]
    days = (today + timedelta(ahead) for ahead in range(since, DAYS))
    return [day for day in days if any(o.mode == "in_person" for o in openings(post, day, today))]


class Diary:
    """Who is where, so far."""

    def __init__(self, at: datetime) -> None:
        self.visits: list[Visit] = []
        self._at, self._today = at, at.astimezone(ZONE).date()
        self._posts, self._full = posts(at), full_days(at)
        self._asked = _days(at, AWAY, LEAVE[0])[0]
        self._random = Random(7)  # noqa: S311 - the same invented visits every time
        self._busy: dict[int, list[Span]] = defaultdict(list)
        self._seen: dict[date, set[int]] = defaultdict(set)
        self._count: Counter[tuple[int, Mode, date]] = Counter()
        self._most = {(post.doctor, offer.mode): offer.daily_max for post in self._posts for offer in post.offers}
        for day in self._full:
            self._seen[day] |= set(WHO_WAIT)

    def fill(self, clinic: str, day: date) -> None:
        """Eight to fourteen visits, spread over whoever works that day; most come to the first doctor."""
        working = {
            post.doctor: found
            for post in self._posts
            if post.clinic == clinic
            if (found := [*openings(post, day, self._today)])
        }
        begun = len(self.visits)
        self._promised(clinic, day, working)
        wanted = begun + self._random.randint(8, 14)
        likely = {
            doctor: awake
            for doctor, found in working.items()
            if not self._taken(clinic, doctor, day) and (awake := [o for o in found if o.starts_at.hour in WAKING])
        }
        for _ in range(60):
            if len(self.visits) >= wanted:
                break
            doctor = self._random.choices([*likely], [3 if doctor == 1 else 1 for doctor in likely])[0]
            patient = self._random.choice(PATIENTS_OF[clinic])
            if patient != NEWCOMER:
                self._write(clinic, patient, self._random.choice(likely[doctor]))

    def _taken(self, clinic: str, doctor: int, day: date) -> bool:
        """Days of a doctor that are told to the end."""
        ahead = (day - self._today).days
        return clinic == "asha" and (
            (doctor == DOCTOR_OF_QUEUE and -1 <= ahead <= 1)
            or (doctor == FULL and day in self._full)
            or (doctor == AWAY and LEAVE[0] <= ahead < LEAVE[1])
        )

    def _promised(self, clinic: str, day: date, working: dict[int, list[Opening]]) -> None:
        if day == self._today:
            self._today_of(clinic, *WAITING[clinic], working)
        if clinic != "asha":
            return
        ahead = (day - self._today).days
        in_person = {doctor: [o for o in found if o.mode == "in_person"] for doctor, found in working.items()}
        if ahead == -6:
            ten = next(o for o in working[1] if o.mode == "video" and o.starts_at >= moment(day, time(10)))
            self._write(clinic, NEWCOMER, ten, came=True)
        if ahead < -1:  # enough to know how long his visits take
            self._some(clinic, in_person.get(DOCTOR_OF_QUEUE, [])[:6])
        if day == self._asked:
            for patient, opening in zip(ASKED, working[AWAY][1::6], strict=False):
                self._write(clinic, patient, opening, came=True)
        if day in self._full:
            self._some(clinic, in_person[FULL][2:5], came=True)
            if day == self._full[0]:
                self._give_up()

    def _today_of(self, clinic: str, doctor: int, waiting: int, working: dict[int, list[Opening]]) -> None:
        """Some who have been, one who waits, some to come: as far as the hour allows."""
        if clinic == CLINIC_OF_QUEUE:
            for visit in queue(self._at):
                self._take(visit)
                self._seen[self._today].add(visit.patient)  # around midnight some of it is on another day
        day = sorted((o for o in working[doctor] if o.mode == "video"), key=lambda o: o.starts_at)
        been = [o for o in day if o.ends_at <= self._at - SOON][-5::2]
        here = [o for o in day if self._at - SOON / 2 <= o.starts_at <= self._at + SOON][:1]
        coming = [o for o in day if o.starts_at > self._at + FREE_FOR_NEWCOMERS][::5][:3]
        self._some(clinic, been + coming, came=True, but=waiting)
        for opening in here:
            self._write(clinic, waiting, opening, came=True)

    def _some(self, clinic: str, wanted: Iterable[Opening], *, came: bool = False, but: int = NEWCOMER) -> None:
        for opening in wanted:
            free = set(PATIENTS_OF[clinic]) - self._seen[opening.starts_at.date()] - {NEWCOMER, but}
            self._write(clinic, self._random.choice(sorted(free)), opening, came=came)

    def _give_up(self) -> None:
        """The last of the first full day cancelled a moment ago: there is something to offer."""
        last = self.visits[-1]
        gone = Step("cancelled", self._at - timedelta(minutes=4), "patient", GIVEN_UP)
        self.visits[-1] = last._replace(steps=(*last.steps, gone))

    def _write(self, clinic: str, patient: int, opening: Opening, *, came: bool = False) -> None:
        day = opening.starts_at.date()
        if opening.doctor == 1 and not came and timedelta(0) < opening.starts_at - self._at < FREE_FOR_NEWCOMERS:
            return
        (since, until), most = opening.busy, self._most[opening.doctor, opening.mode]
        clash = any(a < until and since < b for a, b in self._busy[opening.doctor])
        full = most is not None and self._count[opening.doctor, opening.mode, day] >= most
        if clash or full or patient in self._seen[day]:
            return
        reason = self._random.choice(REASONS[PATIENTS[patient - 1].locale]) if self._random.random() < 0.6 else None
        self._take(Visit(clinic, patient, opening, reason, (*self._life(clinic, opening, came),)))

    def _take(self, visit: Visit) -> None:
        day, opening = visit.opening.starts_at.astimezone(ZONE).date(), visit.opening
        if visit.placed == "booked":
            self._busy[opening.doctor].append(opening.busy)
        self._seen[day].add(visit.patient)
        self._count[opening.doctor, opening.mode, day] += 1
        self.visits.append(visit)

    def _life(self, clinic: str, opening: Opening, came: bool) -> Iterator[Step]:
        """Its steps until now."""
        rolled, minute = self._random.random(), timedelta(minutes=1)
        starts, ends = opening.starts_at, opening.ends_at
        by = min(starts, self._at)
        made = by - timedelta(hours=self._random.randint(5, 200), minutes=self._random.randint(0, 59))
        host = "patient" if opening.mode == "video" else "desk"
        herself = self._random.random() < 0.8
        if clinic == "nadi" and herself:  # this clinic answers first
            yield Step("requested", made, "patient")
            made += timedelta(minutes=self._random.randint(4, 240))
            herself = False
        yield Step("confirmed", made, "patient" if herself else "desk")
        if rolled < 0.06 and not came:
            yield Step("cancelled", made + (by - made) * self._random.uniform(0.1, 0.9), "patient", "Something came up")
        elif ends <= self._at:
            if rolled < 0.11 and not came:
                yield Step("no_show", ends - minute, "doctor")
            else:
                began = starts + self._random.randint(0, 3) * minute
                took = (ends - starts) * min(self._random.lognormvariate(-0.35, 0.3), 0.97)
                yield Step("checked_in", starts - self._random.randint(2, 9) * minute, host)
                yield Step("in_progress", began, "doctor")
                yield Step("completed", min(began + took, ends), "doctor")
        elif starts <= self._at + SOON:
            yield Step("checked_in", by - self._random.randint(2, 6) * minute, host)
