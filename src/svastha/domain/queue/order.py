"""Whose turn is when. Pure, and the same in the desk's list, on the screen and in what the wait is computed from."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from svastha.domain.appointments import Placed
from svastha.domain.queue.model import Priority, Turn

RANK: dict[Priority, int] = {"emergency": 0, "elderly": 1, "pregnant": 1, "none": 2}
BEHIND = 2  # people who go first when somebody is not there at her turn
JUST = timedelta(microseconds=1)

LateRule = Literal["keep", "after", "end"]


def in_order(turns: Iterable[Turn]) -> list[Turn]:
    """Who is with the doctor, who was called, then by priority, and then by when each is due."""
    return sorted(turns, key=_key)


def _key(turn: Turn) -> tuple[int, int, datetime, int]:
    number = turn.number or 0
    if turn.status == "in_progress":
        return 0, 0, turn.began_at or turn.starts_at, number
    if not turn.waiting:
        return 2, RANK["none"], turn.starts_at, number
    if turn.called_at:
        return 1, 0, turn.called_at, number
    return 2, _rank(turn), due(turn), number


def _rank(turn: Turn) -> int:
    """Who was not there waits behind others, however urgent it was."""
    return RANK["none"] if turn.skipped_at else RANK[turn.priority]


def due(turn: Turn) -> datetime:
    return turn.due_at or turn.starts_at


def waiting(turns: Iterable[Turn]) -> list[Turn]:
    """Who is here and was not called, in order."""
    return [turn for turn in in_order(turns) if turn.waiting and not turn.called_at]


def due_on_arrival(
    placed: Placed,
    starts_at: datetime,
    others: Sequence[Turn],
    *,
    at: datetime,
    late_after: timedelta,
    rule: LateRule,
    places: int,
) -> datetime:
    """On time: when she was booked for; without a booking: now; late: by the rule of the clinic. ``others``: who
    waits, in order."""
    if placed == "walk_in":
        return at
    if at <= starts_at + late_after or rule == "keep":
        return starts_at
    return max(at, behind(others, len(others), at=at)) if rule == "end" else behind(others, places, at=at)


def behind(others: Sequence[Turn], places: int, *, at: datetime) -> datetime:
    """Due just after that many of those who wait, or after all of them. ``others``: who waits, in order."""
    first, rest = others[:places], others[places:]
    same = [due(turn) for turn in first if _rank(turn) == RANK["none"]]
    if same:
        return max(same) + JUST
    return min([due(turn) - JUST for turn in rest if _rank(turn) == RANK["none"]][:1], default=at)
