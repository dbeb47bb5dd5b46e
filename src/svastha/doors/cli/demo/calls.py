"""A visit as it is planned, and somebody's day in the waiting room, both before there is a database."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from svastha.domain.appointments import Placed
from svastha.domain.queue import Priority

from .clock import ZONE
from .weeks import CLINIC, POSTS, Odd, Opening, Post, openings


class Step(NamedTuple):
    status: str
    at: datetime
    by: str  # patient, doctor or desk
    why: str | None = None


class Turn(NamedTuple):
    """What is not so of everybody who has arrived. ``due_at``: her place, else the booked time."""

    due_at: datetime | None = None
    called_at: datetime | None = None
    priority: Priority = "none"
    why: str | None = None


AS_USUAL = Turn()


class Visit(NamedTuple):
    clinic: str
    patient: int
    opening: Opening
    reason: str | None
    steps: tuple[Step, ...]
    placed: Placed = "booked"
    turn: Turn = AS_USUAL

    @property
    def status(self) -> str:
        return self.steps[-1].status


# Who waits at asha, whatever hour it is: his queue runs half an hour late.
CLINIC_OF_QUEUE, DOCTOR_OF_QUEUE = "asha", 4
HALF_AN_HOUR, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
LATEST = timedelta(minutes=90)  # after the middle of the queue the last of it is over
SQUEEZED = "The doctor asked to see her today."
ELDERLY = "Over seventy, and cannot sit for long"


def middle(at: datetime) -> datetime:
    """The half hour that is nearest."""
    there = (at + timedelta(minutes=15)).astimezone(ZONE)
    return there.replace(minute=there.minute // 30 * 30, second=0, microsecond=0)


def posts(at: datetime) -> tuple[Post, ...]:
    """As ``POSTS``; the doctor of the queue works on where his week would have him at home."""
    noon, today = middle(at), at.astimezone(ZONE).date()
    found = []
    for post in POSTS:
        if (post.clinic, post.doctor) == (CLINIC_OF_QUEUE, DOCTOR_OF_QUEUE):
            offered = {o.starts_at for o in openings(post, noon.date(), today) if o.mode == "in_person"}
            if not {noon + n * HALF_AN_HOUR for n in range(3)} <= offered:
                span = f"{noon:%H:%M}-{noon + LATEST:%H:%M}"
                ahead = (noon.date() - today).days
                odd = Odd(ahead, False, span, CLINIC, note="Open longer", branch="peth", room="Room 2")
                post = post._replace(odd=(*post.odd, odd))  # noqa: PLW2901
        found.append(post)
    return tuple(found)


def queue(at: datetime) -> list[Visit]:
    """Two who were seen, one who did not come, one who was squeezed in and is with the doctor, one called, three who
    wait, in this order: an elderly patient who goes first, one who walked in, one who came late; and two to come."""
    noon = middle(at)  # it is this or up to a quarter of an hour before or after it
    walked_in = at - 15 * MINUTE  # the latest that the one who is called can have been due

    def visit(patient: int, slot: int, *steps: Step, turn: Turn = AS_USUAL, placed: Placed = "booked") -> Visit:
        starts = walked_in if placed == "walk_in" else noon + slot * HALF_AN_HOUR
        opening = Opening(DOCTOR_OF_QUEUE, "in_person", starts, starts + HALF_AN_HOUR, 60000)
        if placed == "booked":
            opening = opening._replace(branch="peth", room="Room 2")
        made = {
            "booked": Step("confirmed", at - (40 + patient) * 60 * MINUTE, "desk"),
            "squeezed": Step("confirmed", noon - 50 * MINUTE, "doctor", SQUEEZED),
            "walk_in": Step("confirmed", walked_in, "desk"),
        }[placed]
        return Visit(CLINIC_OF_QUEUE, patient, opening, None, (made, *steps), placed, turn)

    def here(when: datetime) -> Step:
        return Step("checked_in", when, "desk")

    def seen(patient: int, slot: int, began: int, lasted: int) -> Visit:
        starts = noon + slot * HALF_AN_HOUR
        begins = starts + began * MINUTE
        ends = Step("completed", begins + lasted * MINUTE, "doctor")
        return visit(patient, slot, here(starts - 7 * MINUTE), Step("in_progress", begins, "doctor"), ends)

    return [
        seen(12, -5, 3, 24),
        seen(15, -4, 2, 27),
        visit(16, -3, Step("no_show", noon - 55 * MINUTE, "desk")),
        visit(13, -1, here(noon - 38 * MINUTE), Step("in_progress", at - 9 * MINUTE, "doctor"), placed="squeezed"),
        visit(17, -1, here(noon - 41 * MINUTE), turn=Turn(called_at=at - 2 * MINUTE)),
        visit(8, 0, here(at - 11 * MINUTE), turn=Turn(priority="elderly", why=ELDERLY)),
        visit(19, 0, here(walked_in), turn=Turn(walked_in), placed="walk_in"),
        # Behind the two who were first when she came.
        visit(10, -2, here(at - 6 * MINUTE), turn=Turn(walked_in + timedelta(microseconds=1))),
        visit(7, 1),
        visit(6, 2),
    ]


def day_of(visit: Visit, arrived: datetime) -> date:
    """Of whose queue she has a number."""
    return max(visit.opening.starts_at, arrived).astimezone(ZONE).date()
