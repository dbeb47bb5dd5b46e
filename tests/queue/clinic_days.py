"""Days of a clinic as they might have been: who was booked, who came when, and how long each visit took."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.queue import causes, order
from svastha.domain.queue.model import Shown, Turn, Wait
from svastha.domain.queue.wait import Pace, Past, pace_of, waits

OFFERS: Any = {"video": 15.0, "in_person": 20.0}
# (mean of minutes, spread of the logarithm)
TAKES = {
    ("video", "first"): (17, 0.45),
    ("video", "follow_up"): (9, 0.5),
    ("in_person", "first"): (22, 0.4),
    ("in_person", "follow_up"): (12, 0.55),
}
LATE_AFTER = timedelta(minutes=10)
HISTORY = 240
NOBODY = UUID(int=0)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Told(msgspec.Struct, frozen=True):
    """What somebody was told at a moment."""

    turn: Turn
    at: datetime
    wait: Wait
    shown: Shown
    line: tuple[Turn, ...]
    pace: Pace


class Doctor:
    """Works as she is; the house knows only what it has seen of her."""

    def __init__(self, seed: int, *, early: bool = True) -> None:
        self.dice, self.early = random.Random(seed), early
        self.factor = self.dice.uniform(0.8, 1.3)
        self.past: list[Past] = []
        self.missed = 0
        self.number = 0

    def lasts(self, turn: Turn) -> timedelta:
        mean, spread = TAKES[turn.mode, turn.kind]  # type: ignore[index]
        return minutes(self.factor * mean * math.exp(self.dice.gauss(0, spread) - spread**2 / 2))

    def _turn(self, starts_at: datetime, placed: Any = "booked") -> Turn:
        self.number += 1
        mode, kind = self.dice.choice(list(TAKES))
        return Turn(
            UUID(int=self.number),
            NOBODY,
            NOBODY,
            "",
            mode,  # type: ignore[arg-type]
            kind,  # type: ignore[arg-type]
            placed,
            "confirmed",
            starts_at,
        )

    def plan(self, opens: datetime) -> list[tuple[datetime, Turn]]:
        """(arrives at, visit), of one morning; who does not come arrives after the end."""
        dice, found = self.dice, []
        for k in range(15):
            turn = self._turn(opens + minutes(20 * k))
            arrives = turn.starts_at + minutes(dice.gauss(-14, 9))
            found.append((opens + minutes(2000) if dice.random() < 0.1 else arrives, turn))
        at = opens
        while (at := at + minutes(dice.expovariate(1 / 60))) < opens + minutes(270):
            found.append((at, self._turn(at, placed="walk_in")))
        return found

    def days(self, first: datetime, count: int) -> Iterator["Day"]:
        for k in range(count):
            yield Day(self, first + timedelta(days=k))


class Day:
    """One morning, minute by minute. ``told`` fills while it passes; ``began`` at last says when each one came in."""

    def __init__(self, doctor: Doctor, opens: datetime) -> None:
        self.doctor, self.opens = doctor, opens
        self.plan = dict(enumerate(sorted(doctor.plan(opens), key=lambda one: one[0])))
        self.turns: dict[UUID, Turn] = {turn.appointment_id: turn for _, turn in self.plan.values()}
        self.began: dict[UUID, datetime] = {}
        self.ended: dict[UUID, datetime] = {}
        self.told: list[Told] = []

    def run(self, *, tell: bool) -> "Day":
        dice, doctor = self.doctor.dice, self.doctor
        pace = pace_of(doctor.past[-HISTORY:], OFFERS, missed=doctor.missed)
        slow = math.exp(dice.gauss(0, 0.08))  # today
        last = self.opens + minutes(900)
        coming = [one for one in self.plan.values() if one[0] < last]
        free_at, ends, number = self.opens + minutes(dice.expovariate(1 / 8)), None, 0
        at = looks = self.opens - minutes(45)
        while coming or ends or any(turn.waiting for turn in self.turns.values()):
            while coming and coming[0][0] <= at:
                number += 1
                self._arrive(coming.pop(0)[1], at, number, dice)
            if ends and ends[1] <= at:
                done, ends = ends[0], None
                self.turns[done] = msgspec.structs.replace(self.turns[done], status="completed")
                self.ended[done] = at
                free_at = at + minutes(dice.expovariate(1 / 1.5))
            if ends is None and free_at <= at and (turn := self._next(at)):
                self.began[turn.appointment_id] = at
                ends = turn.appointment_id, at + slow * doctor.lasts(turn)
                self.turns[turn.appointment_id] = msgspec.structs.replace(turn, status="in_progress", began_at=at)
            if looks <= at:
                looks = at + minutes(7)
                if tell and any(turn.waiting for turn in self.turns.values()):
                    self._tell(at, pace)
            moments = [looks, *(one[0] for one in coming[:1]), *([ends[1]] if ends else [])]
            moments += [self.turns[id].starts_at for id in self.turns] + [free_at]
            at = min(moment for moment in moments if moment > at)
        self._remember()
        return self

    def _arrive(self, turn: Turn, at: datetime, number: int, dice: random.Random) -> None:
        others = order.waiting(self.turns.values())
        due = order.due_on_arrival(
            turn.placed, turn.starts_at, others, at=at, late_after=LATE_AFTER, rule="after", places=2
        )
        urgent = dice.choices(["none", "emergency", "elderly"], [96, 1, 3])[0]
        self.turns[turn.appointment_id] = msgspec.structs.replace(
            turn, status="checked_in", number=number, arrived_at=at, due_at=due, priority=urgent
        )

    def _next(self, at: datetime) -> Turn | None:
        here = order.waiting(self.turns.values())
        if not self.doctor.early:
            here = [turn for turn in here if turn.placed == "walk_in" or turn.starts_at <= at]
        return here[0] if here else None

    def line(self, at: datetime) -> list[Turn]:
        return [
            turn
            for turn in order.in_order(self.turns.values())
            if turn.waiting
            or turn.status == "in_progress"
            or (turn.status == "confirmed" and turn.placed == "booked" and turn.starts_at + LATE_AFTER > at)
        ]

    def _tell(self, at: datetime, pace: Pace) -> None:
        line, begun = self.line(at), bool(self.began)
        while not line[-1].waiting:  # nobody asks for those
            line.pop()
        found = waits(line, pace, at=at, late_after=LATE_AFTER, begun=begun, opens_at=self.opens)
        for turn, wait in zip(line, found, strict=True):
            if turn.waiting:
                now = causes.shown(turn, wait, line, self.turns, at=at, begun=begun, late=False)
                self.turns[turn.appointment_id] = msgspec.structs.replace(turn, shown=now)
                self.told.append(Told(turn, at, wait, now, tuple(line), pace))

    def _remember(self) -> None:
        for id, began in self.began.items():
            turn = self.turns[id]
            if id in self.ended:
                self.doctor.past.append(
                    Past(
                        turn.mode,
                        turn.kind,
                        turn.placed,
                        turn.starts_at,
                        began,
                        self.ended[id],
                        turn.arrived_at,
                        turn.priority != "none",
                    )
                )
        self.doctor.missed += sum(turn.status == "confirmed" for turn in self.turns.values())


MONDAY = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)


def turn(number: int, status: Any, *, at: float = 0, began: float = 0, **more: Any) -> Turn:
    """A visit by video, with its time and beginning in minutes from ``MONDAY``."""
    here = status != "confirmed"
    return Turn(
        UUID(int=number),
        NOBODY,
        NOBODY,
        "",
        "video",
        "first",
        more.pop("placed", "booked"),
        status,
        MONDAY + minutes(at),
        MONDAY + minutes(began) if status == "in_progress" else None,
        number if here else None,
        MONDAY + minutes(at) if here else None,
        **{"due_at": MONDAY + minutes(at) if here else None, **more},
    )
