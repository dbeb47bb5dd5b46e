"""Is the wait honest? Days of a clinic are played again: what people were told is held against how long they waited."""

import math
from collections import Counter
from datetime import timedelta

import pytest

from svastha.domain.queue import causes, order
from svastha.domain.queue.minutes import duration
from svastha.domain.queue.model import Shown, Turn
from svastha.domain.queue.wait import Pace, Past, pace_of, waits
from tests.queue.clinic_days import LATE_AFTER, MONDAY, OFFERS, Day, Doctor, Told, minutes, turn


@pytest.fixture(scope="module")
def days() -> list[Day]:
    """Of three doctors who take the next one early and three who do not, after weeks the house has learned from."""
    found = []
    for seed in range(3):
        for early in (True, False):
            doctor = Doctor(seed, early=early)
            for day in doctor.days(MONDAY, 10):
                day.run(tell=False)
            found += [day.run(tell=True) for day in doctor.days(MONDAY + timedelta(days=20), 5)]
    return found


def waited(day: Day, told: Told) -> float:
    return (day.began[told.turn.appointment_id] - told.at).total_seconds() / 60


def share_that_held(told: list[tuple[Day, Told]]) -> float:
    return sum(one.wait.low <= waited(day, one) <= one.wait.high for day, one in told) / len(told)


def test_eight_of_ten_waits_end_within_what_was_told(days: list[Day]) -> None:
    told = [(day, one) for day in days for one in day.told]
    firsts = [(day, one) for day, one in told if one.turn.shown is None]
    assert len(told) > 2000
    assert len(firsts) > 250
    assert 0.75 <= share_that_held(told) <= 0.85
    assert 0.75 <= share_that_held(firsts) <= 0.85
    for early in (True, False):
        assert 0.72 <= share_that_held([(day, one) for day, one in told if day.doctor.early is early]) <= 0.88


def test_a_range_is_no_wider_than_it_must_be(days: list[Day]) -> None:
    """Anybody can be right who says "up to four hours"."""
    soon = [one.wait for day in days for one in day.told if 10 <= waited(day, one) <= 20]
    assert sum(wait.high - wait.low for wait in soon) / len(soon) < 25


def test_no_wait_jumps_without_a_cause_and_every_cause_is_true(days: list[Day]) -> None:
    seen: Counter[str] = Counter()
    for day in days:
        last: dict[object, Shown] = {}
        for told in day.told:
            before = last.get(told.turn.appointment_id)
            last[told.turn.appointment_id] = told.shown
            if before is None:
                assert told.shown.cause is None
                continue
            change = causes.change(before, told.wait, told.at)
            if change in ("later", "earlier"):
                assert told.shown.cause
                assert told.shown.cause_at == told.at
                assert is_true(day, told, before), (told.shown, before)
                seen[told.shown.cause] += 1
            else:
                assert told.shown.cause == before.cause
    assert {"visit_longer", "came_ahead", "priority"} <= seen.keys()


def is_true(day: Day, told: Told, before: Shown) -> bool:
    """What happened since, as only this test knows it."""
    ahead = told.line[: told.line.index(told.turn)]
    new = [one for one in ahead if one.appointment_id not in before.ahead]
    match told.shown.cause:
        case "priority":
            return any(one.priority != "none" for one in new)
        case "came_ahead":
            return bool(new)
        case "not_come":
            return any(one.status == "confirmed" and one.starts_at < told.at for one in day.turns.values())
        case "doctor_late":
            return not any(began <= told.at for began in day.began.values())
        case "doctor_began":
            return not before.begun and told.shown.begun
        case "visit_longer":
            return longer(day, told, before) > 0
        case "visit_shorter":
            return longer(day, told, before) < 0
        case "doctor_away":
            return not any(one.status == "in_progress" for one in ahead)
        case "somebody_left" | "moved_up":
            return len(ahead) < len(before.ahead)
    return False


def longer(day: Day, told: Told, before: Shown) -> float:
    """Minutes that those before her took since, or will still take, beyond what was to be expected."""
    beyond = 0.0
    for id in before.ahead:
        began = day.began.get(id)
        if began is None or began > told.at:
            continue
        law = told.pace.law(day.turns[id].mode, day.turns[id].kind)
        since, ended = max(began, before.at), day.ended[id]
        beyond += (min(ended, told.at) - since).total_seconds() / 60 - left(law, before.at - began)
        beyond += left(law, told.at - began) if ended > told.at else 0
    return beyond


def left(law: object, elapsed: timedelta) -> float:
    _, mass = duration(law, max(0, round(elapsed.total_seconds() / 60)))  # type: ignore[arg-type]
    return sum(k * likely for k, likely in enumerate(mass)) / sum(mass)


def known(**more: object) -> Pace:
    """Of a doctor whose visits last about ten minutes and whose people all come."""
    past = [
        Past("video", "first", "booked", MONDAY + minutes(5), MONDAY, MONDAY + minutes(10 + k % 3 - 1), MONDAY)  # type: ignore[arg-type]
        for k in range(60)
    ]
    return pace_of(past, OFFERS) if not more else pace_of([], OFFERS)


def line(*turns: Turn, **more: object) -> list[tuple[int, int]]:
    ordered = order.in_order(turns)
    found = waits(ordered, known(), at=MONDAY, late_after=LATE_AFTER, **{"begun": True, **more})  # type: ignore[arg-type]
    return [(one.low, one.high) for one in found]


def test_the_fewer_visits_are_known_the_wider_the_range() -> None:
    two = [turn(1, "checked_in", at=-5), turn(2, "checked_in", at=-4)]
    ranges = [
        waits(two, pace, at=MONDAY, late_after=LATE_AFTER, begun=True)[1] for pace in (known(), known(unknown=True))
    ]
    assert ranges[0].high - ranges[0].low < ranges[1].high - ranges[1].low
    assert ranges[0].low <= 12 <= ranges[0].high


def test_what_a_doctor_does_herself_counts_more_than_what_is_planned() -> None:
    """Twenty minutes are planned, her visits take ten."""
    law = known().law("video", "first")
    assert 9 < math.exp(law.mean) < 11
    assert 7 < math.exp(known().law("video", "follow_up").mean) < 13  # no such visit is known


def test_a_visit_that_was_not_ended_for_hours_does_not_spoil_the_rest() -> None:
    forgotten = Past("video", "first", "booked", MONDAY, MONDAY, MONDAY + minutes(235), MONDAY)
    past = [Past("video", "first", "booked", MONDAY, MONDAY, MONDAY + minutes(10), MONDAY) for _ in range(30)]
    assert math.exp(pace_of([*past, forgotten], OFFERS).law("video", "first").mean) < 12


def test_the_longer_a_visit_has_lasted_the_sooner_the_next_one_comes_in() -> None:
    begins = [line(turn(1, "in_progress", began=-lasted), turn(2, "checked_in", at=-20))[1] for lasted in (0, 6, 30)]
    assert begins[0][0] > begins[1][0]
    assert begins[2][1] > 1  # of one that has lasted thrice as long as usual nobody knows


def test_nobody_comes_in_before_the_doctor() -> None:
    waits = turn(1, "checked_in", at=-5)
    assert line(waits)[0][0] == 0
    assert line(waits, begun=False, opens_at=MONDAY + minutes(20))[0][0] >= 20
    assert line(waits, resumes_at=MONDAY + minutes(28))[0][0] >= 28
    assert line(turn(2, "in_progress", began=-1), waits, resumes_at=MONDAY + minutes(60))[1][1] < 60


def test_who_is_booked_before_and_may_not_come_is_counted_for_that() -> None:
    me = turn(2, "checked_in", at=15)
    alone, expected = line(me)[0], line(turn(1, "confirmed", at=1), me)[-1]
    sure = line(turn(1, "checked_in", at=1), me)[-1]
    assert alone[1] < expected[1] <= sure[1]
    assert expected[0] < sure[0]


def test_who_goes_first_delays_the_others_only() -> None:
    people = [turn(k, "checked_in", at=-10 + k) for k in range(1, 5)]
    urgent = turn(5, "checked_in", at=-1, priority="emergency")
    found = dict(zip([one.number for one in order.in_order([*people, urgent])], line(*people, urgent), strict=True))
    before = dict(zip([1, 2, 3, 4], line(*people), strict=True))
    assert found[5] == before[1]
    assert all(found[number][1] > before[number][1] for number in before)


@pytest.mark.parametrize("count", [0, 1, 60])
def test_sixty_people_are_no_trouble(count: int) -> None:
    found = line(*[turn(k + 1, "checked_in", at=-60 + k) for k in range(count)])
    assert [low <= high for low, high in found] == [True] * count
    assert sorted(found) == found
