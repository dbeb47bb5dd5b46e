"""When the invented doctors work, where, and what they offer. Weekdays as in ISO 8601: 1 is Monday."""

from collections.abc import Iterable, Iterator
from datetime import time
from typing import NamedTuple

from svastha.domain.schedule import Hours, Mode, Offer

VIDEO: tuple[Mode, ...] = ("video",)
CLINIC: tuple[Mode, ...] = ("in_person",)
BOTH: tuple[Mode, ...] = ("video", "in_person")
HOME: tuple[Mode, ...] = ("home_visit",)


class Odd(NamedTuple):
    """One day that is different, counted from today. Closed without times: the whole of it."""

    ahead: int
    closed: bool
    span: str | None = None
    modes: tuple[Mode, ...] = BOTH


class Post(NamedTuple):
    """What one doctor does at one clinic."""

    clinic: str
    doctor: int
    offers: tuple[Offer, ...]
    hours: tuple[Hours, ...]
    odd: tuple[Odd, ...] = ()


def between(span: str) -> tuple[time, time]:
    """``09:30-13:00``."""
    opens, _, closes = span.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _on(days: Iterable[int], *spans: str, modes: tuple[Mode, ...] = BOTH) -> Iterator[Hours]:
    for day in days:
        for span in spans:
            yield Hours(day, *between(span), modes)


def _offers(**minutes_and_rupees: tuple[int, int]) -> tuple[Offer, ...]:
    return tuple(
        Offer(mode, minutes, rupees * 100)
        for mode in ("video", "in_person", "home_visit")
        for minutes, rupees in [minutes_and_rupees.get(mode, (0, 0))]
        if minutes
    )


MON_TO_FRI, MON_TO_SAT, EVERY_DAY, TUE_TO_SUN = range(1, 6), range(1, 7), range(1, 8), range(2, 8)

POSTS = (
    # Always there, so that a newcomer can book "now" at any hour.
    Post(
        "asha",
        1,
        _offers(video=(20, 500), in_person=(30, 700)),
        (
            *_on(EVERY_DAY, "00:00-00:00", modes=VIDEO),
            *_on(MON_TO_SAT, "10:00-13:00", "15:00-18:00", modes=CLINIC),
        ),
    ),
    Post(
        "asha",
        2,
        _offers(video=(20, 600), in_person=(30, 900)),
        (*_on(MON_TO_SAT, "09:00-13:00", "15:00-18:30"),),
        (Odd(2, False, "19:00-21:00", VIDEO),),
    ),
    Post(
        "asha",
        3,
        _offers(video=(25, 750), in_person=(30, 900)),
        (*_on(MON_TO_FRI, "10:00-13:30", "16:00-19:30"),),
        (Odd(3, True),),
    ),
    Post(
        "asha",
        4,
        _offers(video=(15, 400), in_person=(20, 600)),
        (*_on((1, 3, 5), "08:30-12:30", "14:00-17:00"), *_on((6,), "09:00-12:00", modes=CLINIC)),
    ),
    Post(
        "asha",
        5,
        _offers(video=(20, 550), in_person=(20, 650), home_visit=(30, 1200)),
        (*_on(TUE_TO_SUN, "09:30-12:30", "16:00-18:30"), *_on((2, 4), "19:00-20:30", modes=HOME)),
    ),
    Post(
        "asha",
        6,
        _offers(video=(30, 800), in_person=(30, 800), home_visit=(30, 1200)),
        (*_on(MON_TO_SAT, "08:00-12:00"), *_on(MON_TO_SAT, "14:00-17:00", modes=HOME)),
    ),
    Post(
        "nadi",
        7,
        _offers(video=(20, 450), in_person=(30, 650)),
        (*_on(EVERY_DAY, "08:00-12:30", "16:00-20:00"),),
        (Odd(4, True, "16:00-20:00"),),
    ),
    Post(
        "nadi",
        8,
        _offers(video=(15, 350), in_person=(20, 500)),
        (*_on(MON_TO_FRI, "09:30-13:00", "14:30-18:00"),),
        (Odd(5, True),),
    ),
    Post(
        "nadi",
        9,
        _offers(video=(30, 700), in_person=(30, 850)),
        (*_on(TUE_TO_SUN, "07:30-12:00", "13:00-16:00"),),
    ),
    Post(
        "nadi",
        10,
        _offers(video=(15, 300)),
        (*_on(MON_TO_SAT, "11:00-14:00", "17:00-21:00", modes=VIDEO),),
        (Odd(6, False, "07:00-09:00", VIDEO),),
    ),
    # These two work at both clinics, never at the same time.
    Post("asha", 11, _offers(video=(30, 1000), in_person=(30, 1200)), (*_on((1, 3), "10:00-13:00", "14:00-17:00"),)),
    Post("nadi", 11, _offers(video=(30, 1000), in_person=(30, 1100)), (*_on((2, 4), "10:00-13:00", "14:00-17:00"),)),
    Post("asha", 12, _offers(video=(20, 400), in_person=(25, 500)), (*_on((6, 7), "09:00-13:00", "14:00-17:00"),)),
    Post("nadi", 12, _offers(video=(20, 400)), (*_on(MON_TO_FRI, "18:00-21:00", modes=VIDEO),)),
)
