from datetime import time, timedelta
from typing import Literal, get_args
from uuid import UUID

import msgspec

Mode = Literal["video", "in_person", "home_visit"]
MODES: tuple[Mode, ...] = get_args(Mode)


class Practitioner(msgspec.Struct, frozen=True):
    doctor_id: UUID
    name: str
    zone: str
    bookable: bool
    notice: timedelta  # how long before it begins a visit can last be booked


class Offer(msgspec.Struct, frozen=True):
    """A kind of visit, how long it lasts and what it costs. ``every_minutes``: from one beginning to the next, else as
    long as a visit, its buffers and the way. ``areas``: PIN codes of home visits, or their first digits. ``notice``,
    ``horizon``: how late and how far ahead, else the practitioner's."""

    mode: Mode
    minutes: int
    fee_paise: int
    every_minutes: int | None = None
    before_minutes: int = 0
    after_minutes: int = 0
    travel_minutes: int = 0
    areas: tuple[str, ...] = ()
    notice: timedelta | None = None
    horizon: timedelta | None = None
    daily_max: int | None = None


class HouseRules(msgspec.Struct, frozen=True):
    """How a clinic goes about time: whether a booking holds at once or is asked for, what happens to who comes late,
    when people are reminded and when not, how long an offer of the waiting list stands."""

    booking: Literal["instant", "requested"]
    answer_within: timedelta
    late_after: timedelta
    late_rule: Literal["keep", "after", "end"]
    late_places: int
    remind_before: tuple[timedelta, ...]
    quiet_from: time
    quiet_until: time
    offer_minutes: int


class TimesChanged(msgspec.Struct, frozen=True):
    """What is free of this doctor is no longer what it was."""

    doctor_id: UUID
