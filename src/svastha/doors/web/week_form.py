"""A week as people type it: rows of hours for each weekday, that come back as they were sent, and its picture.

The fields of a row are named ``hours-3-0-opens``: what, weekday, number of the row, part. A button named ``do`` adds,
removes or copies rows, for browsers without scripts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any, Literal

import msgspec

from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
SHORT = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
FIELD = re.compile(r"(hours|breaks)-([1-7])-(\d{1,4})-(opens|closes|modes|branch|resources)")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:00)?")
MOST_ROWS = 120
A_DAY, A_WEEK = 24 * 60, 7 * 24 * 60
What = Literal["hours", "breaks"]


class Line(msgspec.Struct, frozen=True):
    """One row as it was typed."""

    weekday: int
    opens: str = ""
    closes: str = ""
    modes: tuple[str, ...] = ()
    branch: str = ""
    resources: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        return not self.opens and not self.closes


class Typed(msgspec.Struct, frozen=True):
    """In order of the week, as the numbers in errors (``hours.3.opens``) count."""

    hours: list[Line]
    breaks: list[Line]

    def day(self, what: What, weekday: int) -> list[tuple[int, Line]]:
        """The rows of one day with their numbers."""
        return [(n, line) for n, line in enumerate(getattr(self, what)) if line.weekday == weekday]


def typed_of(form: Mapping[str, list[str]], do: str = "") -> Typed:
    """After the button: ``add hours 3``, ``drop hours-3-0`` or ``copy``. Rows that are blank are left out, but for the
    one that was added; whatever else was sent stays as it is."""
    verb, _, about = do.partition(" ")
    found: dict[tuple[str, int, int], dict[str, list[str]]] = {}
    for name, values in form.items():
        match = FIELD.fullmatch(name)
        if match and not (verb == "drop" and name.startswith(f"{about}-")):
            found.setdefault((match[1], int(match[2]), int(match[3])), {})[match[4]] = [
                value.strip() for value in values
            ][:40]
    rows: dict[str, list[Line]] = {"hours": [], "breaks": []}
    for (what, weekday, _number), parts in sorted(found.items(), key=lambda one: one[0][1:]):
        one = Line(
            weekday,
            parts.get("opens", [""])[0],
            parts.get("closes", [""])[0],
            tuple(parts.get("modes", [])),
            parts.get("branch", [""])[0],
            tuple(parts.get("resources", [])),
        )
        if not one.blank and len(rows[what]) < MOST_ROWS:
            rows[what].append(one)
    if verb == "add":
        what, _, day = about.partition(" ")
        if what in rows and weekday_of(day):
            rows[what].append(Line(weekday_of(day)))
    elif verb == "copy":
        source = weekday_of(form.get("copy_from", [""])[0])
        targets = {weekday_of(text) for text in form.get("copy_to", [])} - {0, source}
        rows = {what: _copied(lines, source, targets) for what, lines in rows.items()} if source else rows
    return Typed(*(sorted(rows[what], key=lambda one: one.weekday) for what in ("hours", "breaks")))


def _copied(lines: list[Line], source: int, targets: set[int]) -> list[Line]:
    kept = [line for line in lines if line.weekday not in targets]
    return kept + [
        msgspec.structs.replace(line, weekday=day) for day in targets for line in lines if line.weekday == source
    ]


def line_of(row: Any) -> Line:
    """Of hours or a break that are known."""
    return Line(
        row.weekday,
        row.opens.strftime("%H:%M"),
        row.closes.strftime("%H:%M"),
        tuple(getattr(row, "modes", ())),
        str(getattr(row, "branch_id", None) or ""),
        tuple(str(one) for one in getattr(row, "resources", ())),
    )


def weekday_of(text: str) -> int:
    """0 for anything that is no weekday."""
    return int(text) if text in ("1", "2", "3", "4", "5", "6", "7") else 0


def clock_of(text: str) -> time | None:
    """``24:00`` is the midnight at the end of a day."""
    if text == "24:00":
        return time(0)
    return time.fromisoformat(text) if CLOCK.fullmatch(text) else None


def times_of(line: Line, field: str) -> tuple[time, time] | list[FieldError]:
    opens, closes = clock_of(line.opens), clock_of(line.closes)
    if opens and closes:
        return opens, closes
    return [
        FieldError(f"{field}.{part}", N_("Give a time, such as 09:30."))
        for part, at in (("opens", opens), ("closes", closes))
        if not at
    ]


class Block(msgspec.Struct):
    """A piece of a day in a picture of it, in minutes from its midnight. Those side by side share ``lanes``."""

    start: int
    end: int
    what: Any = None
    lane: int = 0
    lanes: int = 1


def side_by_side(blocks: Iterable[Block]) -> list[Block]:
    """In order, each with its lane among those it overlaps."""
    found: list[Block] = []
    group: list[Block] = []
    until = -1
    for block in sorted(blocks, key=lambda one: (one.start, -one.end)):
        if block.start >= until:
            _share(group)
            group, until = [], block.end
        taken = {one.lane for one in group if one.end > block.start}
        block.lane = next(lane for lane in range(len(group) + 1) if lane not in taken)
        group.append(block)
        until = max(until, block.end)
        found.append(block)
    _share(group)
    return found


def _share(group: list[Block]) -> None:
    for one in group:
        one.lanes = max(other.lane for other in group) + 1


def span(opens: time, closes: time) -> tuple[int, int]:
    """In minutes from midnight; past the next midnight for what closes at or before it opens."""
    start, end = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    return start, end if end > start else end + A_DAY


def picture(lines: Sequence[tuple[int, time, time, Any]]) -> list[list[Block]]:
    """Seven days of blocks, from (weekday, opens, closes, what). What passes midnight goes on in the next day."""
    days: list[list[Block]] = [[] for _ in range(7)]
    for weekday, opens, closes, what in lines:
        start, end = span(opens, closes)
        days[weekday - 1].append(Block(start, min(end, A_DAY), what))
        if end > A_DAY:
            days[weekday % 7].append(Block(0, end - A_DAY, what))
    return [side_by_side(day) for day in days]


def window(days: Iterable[Iterable[Block]], first: int = 9, last: int = 18) -> tuple[int, int]:
    """The hours that a picture shows: all it needs, and not fewer than these."""
    every = [block for day in days for block in day]
    return (
        min([first, *(block.start // 60 for block in every)]),
        max([last, *(-(-block.end // 60) for block in every)]),
    )


def minutes_open(hours: Iterable[Any], breaks: Iterable[Any]) -> list[set[int]]:
    """Of each weekday the minutes that are open, whatever for."""
    found: set[int] = set()
    for rows, add in ((hours, True), (breaks, False)):
        for row in rows:
            start, end = span(row.opens, row.closes)
            minutes = {((row.weekday - 1) * A_DAY + n) % A_WEEK for n in range(start, end)}
            found = found | minutes if add else found - minutes
    return [{n - day * A_DAY for n in found if n // A_DAY == day} for day in range(7)]


def pieces(minutes: set[int]) -> list[tuple[int, int]]:
    """``{540, 541, …}`` as from and to."""
    found: list[tuple[int, int]] = []
    for n in sorted(minutes):
        if found and found[-1][1] == n:
            found[-1] = (found[-1][0], n + 1)
        else:
            found.append((n, n + 1))
    return found
