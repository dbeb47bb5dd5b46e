"""When the invented doctors work, where, and what they offer. Weekdays as in ISO 8601: 1 is Monday."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from svastha.domain.schedule import MODES, Break, Mode, Offer, Repeats

from .branches import HOURS, Key, is_holiday
from .clock import Span, between, common, less, span_of

VIDEO: tuple[Mode, ...] = ("video",)
CLINIC: tuple[Mode, ...] = ("in_person",)
BOTH: tuple[Mode, ...] = ("video", "in_person")
HOME: tuple[Mode, ...] = ("home_visit",)


class Row(NamedTuple):
    """Hours of a weekday; ``room`` is booked with her."""

    weekday: int
    opens: time
    closes: time
    modes: tuple[Mode, ...]
    branch: Key | None = None
    room: str | None = None


class Odd(NamedTuple):
    """One day that is different, counted from today. Closed without times: the whole of it. ``every``: it comes again
    after so many weeks."""

    ahead: int
    closed: bool
    span: str | None = None
    modes: tuple[Mode, ...] = BOTH
    every: int | None = None
    note: str = ""
    branch: Key | None = None
    room: str | None = None

    @property
    def repeats(self) -> Repeats:
        return "weekly" if self.every else "once"

    def falls_on(self, day: date, today: date) -> bool:
        days = (day - today).days - self.ahead
        return days == 0 or (self.every is not None and days > 0 and days % (7 * self.every) == 0)


class Post(NamedTuple):
    """What one doctor does at one clinic. ``pauses``: her breaks, every day she works."""

    clinic: str
    doctor: int
    offers: tuple[Offer, ...]
    hours: tuple[Row, ...]
    odd: tuple[Odd, ...] = ()
    pauses: tuple[str, ...] = ()

    @property
    def breaks(self) -> list[Break]:
        """Where they lie within the hours of the day."""
        return [
            Break(day, *between(span))
            for span in self.pauses
            for day in sorted({row.weekday for row in self.hours})
            if any(row.weekday == day and _holds(row, *between(span)) for row in self.hours)
        ]


class Opening(NamedTuple):
    """A time that somebody may book. ``busy`` with buffers and the way there."""

    doctor: int
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    fee_paise: int
    before: int = 0
    after: int = 0
    branch: Key | None = None
    room: str | None = None
    area: str | None = None

    @property
    def busy(self) -> Span:
        return self.starts_at - timedelta(minutes=self.before), self.ends_at + timedelta(minutes=self.after)


def openings(post: Post, day: date, today: date) -> Iterator[Opening]:
    """What her week offers on this day, on the same grid that patients are offered."""
    shut = [(odd, span_of(day, *between(odd.span or "00:00-00:00"))) for odd in post.odd if odd.falls_on(day, today)]
    pauses = [span_of(day, pause.opens, pause.closes) for pause in post.breaks if pause.weekday == day.isoweekday()]
    for row in post.hours:
        if row.weekday != day.isoweekday() or (row.branch and is_holiday(post.clinic, day, today)):
            continue
        spans = [span_of(day, row.opens, row.closes)]
        if row.branch:
            site = HOURS[row.branch]
            open_then = [span_of(day, *between(span)) for span in site.spans if row.weekday in site.days]
            spans = common(spans, open_then)
        yield from _grid(post, row, less(spans, pauses), [(odd.modes, span) for odd, span in shut if odd.closed])
    for odd, span in shut:
        if not odd.closed:
            yield from _grid(post, odd, [span], [])


def _grid(
    post: Post, row: Row | Odd, spans: Iterable[Span], shut: list[tuple[tuple[Mode, ...], Span]]
) -> Iterator[Opening]:
    for offer in post.offers:
        if offer.mode not in row.modes:
            continue
        lasts = timedelta(minutes=offer.minutes)
        before, after = (one + offer.travel_minutes for one in (offer.before_minutes, offer.after_minutes))
        area = f"{offer.areas[0]:0<6}" if offer.areas else None
        for since, until in spans:
            starts = since
            while starts + lasts <= until:
                ends = starts + lasts
                if not any(offer.mode in modes and starts < b and a < ends for modes, (a, b) in shut):
                    yield Opening(
                        post.doctor,
                        offer.mode,
                        starts,
                        ends,
                        offer.fee_paise,
                        before,
                        after,
                        row.branch,
                        row.room,
                        area,
                    )
                starts = ends + timedelta(minutes=before + after)


def _holds(row: Row, opens: time, closes: time) -> bool:
    return row.opens <= opens and (closes <= row.closes or row.closes <= row.opens)


def _on(
    days: Iterable[int],
    *spans: str,
    modes: tuple[Mode, ...] = BOTH,
    at: Key | None = None,
    room: str | None = None,
) -> Iterator[Row]:
    for day in days:
        for span in spans:
            yield Row(day, *between(span), modes, at, room)


def _offers(**minutes_and_rupees: tuple[int, int]) -> tuple[Offer, ...]:
    return tuple(
        Offer(mode, minutes, rupees * 100)
        for mode in MODES
        for minutes, rupees in [minutes_and_rupees.get(mode, (0, 0))]
        if minutes
    )


def _homes(rupees: int, areas: tuple[str, ...], *, travel: int, most: int | None = None) -> tuple[Offer, ...]:
    """To people's homes, half an hour. Nobody sets out at once."""
    notice = timedelta(hours=12)
    return (Offer("home_visit", 30, rupees * 100, travel_minutes=travel, areas=areas, notice=notice, daily_max=most),)


MON_TO_FRI, MON_TO_SAT, EVERY_DAY, TUE_TO_SUN = range(1, 6), range(1, 7), range(1, 8), range(2, 8)
MON_WED_FRI = (1, 3, 5)

POSTS = (
    # Always there, so that a newcomer can book "now" at any hour.
    Post(
        "asha",
        1,
        _offers(video=(20, 500), in_person=(30, 700)),
        (
            *_on(EVERY_DAY, "00:00-00:00", modes=VIDEO),
            *_on(MON_TO_SAT, "10:00-13:00", "15:00-18:00", modes=CLINIC, at="peth", room="Room 1"),
        ),
    ),
    # Courses of treatment, in the therapy room, which is aired for a quarter of an hour after each.
    Post(
        "asha",
        2,
        (*_offers(video=(20, 600)), Offer("in_person", 30, 90000, after_minutes=15)),
        (
            *_on(MON_TO_SAT, "09:00-18:30", modes=VIDEO),
            *_on(MON_TO_SAT, "09:00-18:30", modes=CLINIC, at="river", room="Therapy room"),
        ),
        (Odd(2, False, "19:00-21:00", VIDEO, note="Evening by video"),),
        ("13:00-15:00",),
    ),
    # Few visits in person a day: there is a waiting list.
    Post(
        "asha",
        3,
        (*_offers(video=(25, 750)), Offer("in_person", 30, 90000, before_minutes=5, after_minutes=5, daily_max=3)),
        (*_on(MON_TO_FRI, "10:00-13:30", "16:00-19:30", at="peth"),),
        (Odd(3, True, note="Conference"),),
    ),
    # Today people wait for him, whatever day it is.
    Post(
        "asha",
        4,
        _offers(video=(15, 400), in_person=(30, 600)),
        (
            *_on(MON_WED_FRI, "08:30-17:00", at="peth", room="Room 2"),
            *_on((6,), "09:00-12:00", modes=CLINIC, at="peth", room="Room 2"),
        ),
        pauses=("12:30-14:00",),
    ),
    # Away the day after tomorrow.
    Post(
        "asha",
        5,
        (*_offers(video=(20, 550), in_person=(20, 650)), *_homes(1200, ("4110", "4120"), travel=30)),
        (
            *_on(TUE_TO_SUN, "09:30-12:30", "16:00-18:30", at="peth"),
            *_on((2, 4), "19:30-21:30", modes=HOME),
        ),
    ),
    Post(
        "asha",
        6,
        (
            *_offers(video=(30, 800), in_person=(30, 800)),
            *_homes(1200, ("4110",), travel=20, most=3),
        ),
        (*_on(MON_TO_SAT, "08:00-12:00", at="peth"), *_on(MON_TO_SAT, "14:00-17:00", modes=HOME)),
    ),
    Post(
        "nadi",
        7,
        _offers(video=(20, 450), in_person=(30, 650)),
        (*_on(EVERY_DAY, "08:00-12:30", "16:00-20:00", at="banyan"),),
        (Odd(4, True, "16:00-20:00", every=2, note="Teaching at the college"),),
    ),
    Post(
        "nadi",
        8,
        (*_offers(video=(15, 350)), Offer("in_person", 20, 50000, notice=timedelta(hours=2))),
        (*_on(MON_TO_FRI, "09:30-18:00", at="banyan"),),
        (Odd(5, True),),
        ("13:00-14:30",),
    ),
    Post(
        "nadi",
        9,
        (*_offers(video=(30, 700)), Offer("in_person", 30, 85000, before_minutes=5, after_minutes=10, daily_max=6)),
        (*_on(TUE_TO_SUN, "07:30-16:00", at="banyan"),),
        pauses=("12:00-13:00",),
    ),
    Post(
        "nadi",
        10,
        _offers(video=(15, 300)),
        (*_on(MON_TO_SAT, "11:00-14:00", "17:00-21:00", modes=VIDEO),),
        (Odd(6, False, "07:00-09:00", VIDEO),),
    ),
    # These two work at both clinics, never at the same time.
    Post(
        "asha",
        11,
        _offers(video=(30, 1000), in_person=(30, 1200)),
        (*_on((1, 3), "10:00-17:00", at="river"),),
        pauses=("13:00-14:30",),
    ),
    Post(
        "nadi",
        11,
        _offers(video=(30, 1000), in_person=(30, 1100)),
        (*_on((2, 4), "10:00-17:00", at="banyan"),),
        pauses=("13:00-14:00",),
    ),
    Post(
        "asha",
        12,
        _offers(video=(20, 400), in_person=(25, 500)),
        (*_on((6, 7), "09:00-13:00", "14:00-17:00", at="peth"),),
    ),
    Post("nadi", 12, _offers(video=(20, 400)), (*_on(MON_TO_FRI, "18:00-21:00", modes=VIDEO),)),
)
