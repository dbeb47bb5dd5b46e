"""What a week may look like, before anybody sets it."""

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import combinations
from typing import Protocol

from svastha.domain.schedule.hours import Break, Hours
from svastha.domain.schedule.model import MODES
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError

MOST_HOURS, MOST_BREAKS = 60, 40
A_DAY, A_WEEK = 24 * 60, 7 * 24 * 60
LONGEST_NIGHT = 12 * 60
MIDNIGHT = time(0)


class Row(Protocol):
    @property
    def weekday(self) -> int: ...
    @property
    def opens(self) -> time: ...
    @property
    def closes(self) -> time: ...


def wrong_with(hours: Sequence[Hours], breaks: Sequence[Break]) -> list[FieldError]:
    """Every field that needs mending, named ``hours.0.opens``."""
    wrong = list(wrong_rows("hours", hours, MOST_HOURS)) + list(wrong_rows("breaks", breaks, MOST_BREAKS))
    for n, row in enumerate(hours):
        if not row.modes or len(set(row.modes)) < len(row.modes) or not set(row.modes) <= set(MODES):
            wrong.append(FieldError(f"hours.{n}.modes", N_("Say for which kinds of visit.")))
        if row.resources and not row.branch_id:
            wrong.append(FieldError(f"hours.{n}.resources", N_("Say at which branch.")))
    if wrong:
        return wrong
    for (_, one), (m, other) in combinations(enumerate(hours), 2):
        if meet(one, other):
            if set(one.modes) & set(other.modes):
                wrong.append(FieldError(f"hours.{m}.opens", N_("These hours overlap others of the same kind.")))
            elif None not in (one.branch_id, other.branch_id) and one.branch_id != other.branch_id:
                wrong.append(FieldError(f"hours.{m}.branch_id", N_("Nobody is at two branches at once.")))
    open_spans = merged([span for row in hours for span in spans(row)])
    for n, pause in enumerate(breaks):
        if not all(any(a <= start and end <= b for a, b in open_spans) for start, end in spans(pause)):
            wrong.append(FieldError(f"breaks.{n}.opens", N_("A break lies within the hours of its day.")))
    return wrong + [
        FieldError(f"breaks.{m}.opens", N_("These breaks overlap."))
        for (_, one), (m, other) in combinations(enumerate(breaks), 2)
        if meet(one, other)
    ]


def wrong_rows(field: str, rows: Sequence[Row], most: int) -> Iterator[FieldError]:
    if len(rows) > most:
        yield FieldError(field, N_("These are too many rows."))
        return
    for n, row in enumerate(rows):
        if not 1 <= row.weekday <= 7:
            yield FieldError(f"{field}.{n}.weekday", N_("From 1, Monday, to 7."))
        elif problem := wrong_times(row.opens, row.closes):
            yield FieldError(f"{field}.{n}.closes", problem)


def wrong_times(opens: time, closes: time) -> str | None:
    """Hours may pass midnight, which two swapped times seem to do as well: only a short night is believed."""
    if any(at.second or at.microsecond or at.tzinfo for at in (opens, closes)):
        return N_("Clock times have hours and minutes alone.")
    if opens == closes and opens != MIDNIGHT:
        return N_("This ends when it begins.")
    if opens > closes != MIDNIGHT and minutes(opens, closes) > LONGEST_NIGHT:
        return N_("This ends before it begins.")
    return None


def minutes(opens: time, closes: time) -> int:
    return (closes.hour * 60 + closes.minute - opens.hour * 60 - opens.minute) % A_DAY or A_DAY


def spans(row: Row) -> list[tuple[int, int]]:
    """In minutes of the week; two where Sunday passes into Monday."""
    start = (row.weekday - 1) * A_DAY + row.opens.hour * 60 + row.opens.minute
    end = start + minutes(row.opens, row.closes)
    return [(start, end)] if end <= A_WEEK else [(start, A_WEEK), (0, end - A_WEEK)]


def meet(one: Row, other: Row) -> bool:
    return any(a < d and c < b for a, b in spans(one) for c, d in spans(other))


def merged(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
