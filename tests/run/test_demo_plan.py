"""Four weeks of invented visits hold together at whatever moment they are asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from svastha.domain import schedule
from svastha.doors.cli.demo.calls import CLINIC_OF_QUEUE, DOCTOR_OF_QUEUE
from svastha.doors.cli.demo.clock import ZONE
from svastha.doors.cli.demo.people import PATIENTS, PATIENTS_OF
from svastha.doors.cli.demo.physicians import PHYSICIANS
from svastha.doors.cli.demo.plan import ASKED, AWAY, FULL, LEAVE, full_days, plan
from svastha.doors.cli.demo.weeks import POSTS


def moments() -> Iterator[datetime]:
    for hour in range(0, 24 * 7, 5):  # five hours apart: every weekday, and all parts of the day
        yield datetime(2026, 3, 2, 0, 7, tzinfo=ZONE) + timedelta(hours=hour)


@pytest.mark.parametrize("at", list(moments()), ids=lambda at: f"{at:%a-%H:%M}")
def test_the_plan_holds_at_any_hour(at: datetime) -> None:
    planned = plan(at)
    by_doctor, by_patient, a_day = defaultdict(list), defaultdict(list), Counter[Any]()
    for one in planned:
        if one.placed == "booked":
            by_doctor[one.opening.doctor].append(one.opening.busy)
        by_patient[one.patient].append((one.opening.starts_at, one.opening.ends_at))
        assert one.patient in PATIENTS_OF[one.clinic]
        assert [s.at for s in one.steps] == sorted(s.at for s in one.steps)
        assert all(s.at <= at for s in one.steps)
        if (one.clinic, one.opening.doctor) != (CLINIC_OF_QUEUE, DOCTOR_OF_QUEUE):
            a_day[one.clinic, one.opening.starts_at.date()] += 1
            assert one.opening.ends_at > at or one.status in ("completed", "no_show", "cancelled")
    assert len(a_day) == 2 * 29
    assert all(2 <= count <= 14 for count in a_day.values())
    for spans in [*by_doctor.values(), *by_patient.values()]:
        assert all(a[1] <= b[0] for a, b in pairwise(sorted(spans)))
    first = [one for one in planned if one.opening.doctor == 1 and one.opening.starts_at.date() == at.date()]
    assert ({"completed", "checked_in", "confirmed"} if 8 <= at.hour < 20 else set()) <= {one.status for one in first}
    assert [one.opening.doctor for one in planned if one.patient == 1] == [1]
    days = {(at + timedelta(ahead)).date() for ahead in range(*LEAVE)}
    away = [one.patient for one in planned if one.opening.doctor == AWAY and one.opening.starts_at.date() in days]
    assert away == list(ASKED)
    full = [one for one in planned if one.opening.doctor == FULL and one.opening.starts_at.date() in full_days(at)]
    assert Counter(one.status for one in full) == {"confirmed": 5, "cancelled": 1}


NIGHT = [datetime(2026, 3, day, *clock, 30, tzinfo=ZONE) for day in (3, 8) for clock in ((23, 44), (23, 46), (0, 2))]


@pytest.mark.parametrize("at", [*moments(), *NIGHT], ids=lambda at: f"{at:%a-%H:%M}")
def test_people_wait_at_any_hour(at: datetime) -> None:
    """Who is booked and who came, seen from this moment."""
    an_hour, line = timedelta(hours=1), []
    for one in plan(at):
        if one.opening.doctor == DOCTOR_OF_QUEUE and abs(one.opening.starts_at - at) < 3 * an_hour:
            line.append((one.status, one.placed, one.turn.priority, bool(one.turn.called_at)))
            if one.status == "confirmed":
                assert timedelta(0) < one.opening.starts_at - at < 1.5 * an_hour
    assert Counter(line) == {
        ("completed", "booked", "none", False): 2,
        ("no_show", "booked", "none", False): 1,
        ("in_progress", "squeezed", "none", False): 1,
        ("checked_in", "booked", "none", True): 1,
        ("checked_in", "booked", "elderly", False): 1,
        ("checked_in", "walk_in", "none", False): 1,
        ("checked_in", "booked", "none", False): 1,
        ("confirmed", "booked", "none", False): 2,
    }


def test_the_cast_is_what_was_promised() -> None:
    assert (len(PATIENTS), len(PHYSICIANS)) == (40, 12)
    assert {p.locale for p in PATIENTS} == {"en", "hi"}
    assert {p.gender for p in PHYSICIANS} == {"female", "male", "other"}
    assert all(30_000 <= o.fee_paise <= 120_000 and 15 <= o.minutes <= 30 for post in POSTS for o in post.offers)
    assert {o.mode for post in POSTS for o in post.offers} == set(schedule.MODES)
    assert {post.doctor for post in POSTS if any(o.mode == "video" for o in post.offers)} == set(range(1, 13))
