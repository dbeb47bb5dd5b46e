from datetime import date, datetime, tzinfo
from typing import Literal, get_args
from uuid import UUID

import msgspec

from svastha.domain.schedule import Mode
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict

Part = Literal["morning", "afternoon", "evening"]
PARTS: tuple[Part, ...] = get_args(Part)
BEGINS: dict[Part, int] = {"morning": 0, "afternoon": 12, "evening": 17}  # hour, on the clinic's clock
WEEK = (1, 2, 3, 4, 5, 6, 7)  # 1 is Monday

Answer = Literal["open", "taken", "declined", "lapsed"]
State = Literal["waiting", "offered", "taken", "booked", "left", "unanswered", "over"]

MOST = 5  # that somebody waits for at once, at one clinic
PATIENCE = 3  # offers nobody answered, after which an entry ends


class Wish(msgspec.Struct, frozen=True):
    """What somebody waits for: a doctor, or any doctor of a specialty here, or with neither anybody here. ``last_day``
    is the last that suits; weekdays and parts of a day are those of the clinic's zone. ``area``: PIN code of a home
    visit."""

    mode: Mode
    first_day: date
    last_day: date
    doctor_id: UUID | None = None
    specialty: str | None = None
    weekdays: tuple[int, ...] = WEEK
    parts: tuple[Part, ...] = PARTS
    area: str | None = None


class Offer(msgspec.Struct, frozen=True):
    """A time that was offered. ``id`` is that of the hold, and of the visit it becomes."""

    id: UUID
    doctor_id: UUID
    doctor_name: str
    starts_at: datetime
    ends_at: datetime
    fee_paise: int
    offered_at: datetime
    expires_at: datetime
    answer: Answer


class Entry(msgspec.Struct, frozen=True):
    """``people`` wait for times of the same kind, on days and with doctors in common, and she is at ``place`` among
    them; None once it has ended. ``offers``: latest first."""

    id: UUID
    clinic: str
    patient_id: UUID
    patient_name: str
    doctor_id: UUID | None
    doctor_name: str | None
    specialty: str | None
    mode: Mode
    first_day: date
    last_day: date
    weekdays: list[int]
    parts: list[Part]
    area: str | None
    joined_at: datetime
    ended_at: datetime | None
    state: State
    as_guardian: bool = False
    place: int | None = None
    people: int | None = None
    offers: list[Offer] = []

    @property
    def live(self) -> bool:
        return self.state in ("waiting", "offered")

    @property
    def open_offer(self) -> Offer | None:
        return next((one for one in self.offers if one.answer == "open"), None)


def part_of(at: datetime) -> Part:
    """``at`` on the clinic's clock."""
    return [part for part in PARTS if BEGINS[part] <= at.hour][-1]


def suits(wish: Wish, starts_at: datetime, where: tzinfo) -> bool:
    """The time alone: not with whom, and not whether she is elsewhere then."""
    at = starts_at.astimezone(where)
    return (
        wish.first_day <= at.date() <= wish.last_day and at.isoweekday() in wish.weekdays and part_of(at) in wish.parts
    )


class Look(msgspec.Struct, frozen=True):
    """See what of this doctor's time can be offered to whom."""

    doctor_id: UUID


class Offered(msgspec.Struct, frozen=True):
    """A time is held for somebody: she is to be told."""

    appointment_id: UUID


class WaitEnds(msgspec.Struct, frozen=True):
    """The last day somebody waited for is over."""

    entry_id: UUID


class WaitingAlready(Conflict):
    code = "waiting_already"
    says = N_("You are waiting for exactly this already.")


class TooManyWaits(Conflict):
    code = "too_many_waits"
    says = N_("That is as much as one person can wait for at a time. Leave another waiting list first.")


class OfferOver(Conflict):
    code = "offer_over"
    says = N_("This offer is over. If it was not answered in time, it has gone to the next in line.")


class WaitOver(Conflict):
    code = "wait_over"
    says = N_("You are no longer on this waiting list.")
