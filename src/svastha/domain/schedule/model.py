from datetime import timedelta
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
    """A kind of visit, how long it lasts and what it costs."""

    mode: Mode
    minutes: int
    fee_paise: int


class TimesChanged(msgspec.Struct, frozen=True):
    """What is free of this doctor is no longer what it was."""

    doctor_id: UUID
