"""What a benchmark found, and how it is told."""

import statistics
from collections.abc import Sequence
from typing import Literal, NamedTuple

Goal = Literal["at least", "at most", "", "="]


class Figure(NamedTuple):
    """``values`` are the rounds of one run: the median counts, and the range is shown.

    ``goal`` and ``limit`` are what the project promises, none for what is only told. ``compared``: a ratio or a count
    that means the same on another machine, so that a later run is held against it.
    """

    what: str
    values: Sequence[float]
    unit: str = ""
    goal: Goal = ""
    limit: float | None = None
    compared: bool = False
    note: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        """None: nothing was promised."""
        if self.limit is None:
            return None
        if self.goal == "=":
            return self.value == self.limit
        return self.value >= self.limit if self.goal == "at least" else self.value <= self.limit


def number(value: float) -> str:
    if value and abs(value) < 0.995:
        return f"{value:.2f}"
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"


def row(figure: Figure) -> str:
    """Of a table: what, median, range, promised, kept."""
    spread = f"{number(min(figure.values))} to {number(max(figure.values))}" if len(figure.values) > 1 else ""
    promised = f"{figure.goal} {number(figure.limit)}" if figure.limit is not None else ""
    kept = {None: "", True: "yes", False: "**no**"}[figure.met]
    what = f"{figure.what} ({figure.note})" if figure.note else figure.what
    return f"| {what} | {number(figure.value)} {figure.unit} | {spread} | {promised} | {kept} |".replace("  ", " ")


HEAD = "| what | median | range | promised | kept |\n|---|---|---|---|---|"
