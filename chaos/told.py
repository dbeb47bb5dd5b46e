"""What a scenario did, saw and checked, for people to read."""

import statistics
from collections import Counter, defaultdict
from time import monotonic

BACK = 30.0  # seconds after healing in which all must be well again, on a machine with much else to do
DRAINED = 120.0  # and in which all jobs must be done


class Told:
    def __init__(self, name: str, about: str) -> None:
        self.name, self.about, self._began = name, about, monotonic()
        self._lines: list[str] = []
        self.broken: list[str] = []
        self.skipped = ""

    def did(self, text: str) -> None:
        self._lines.append(f"did    {text}")

    def saw(self, who: str, counts: Counter[str]) -> None:
        shown = ", ".join(f"{count} × {answer}" for answer, count in sorted(counts.items())) or "nothing was asked"
        self._lines.append(f"saw    {who}: {shown}")

    def measured(self, what: str, seconds: list[float]) -> None:
        if seconds:
            self._lines.append(
                f"took   {what}: p50 {statistics.median(seconds):.2f} s, p95 {p95(seconds):.2f} s,"
                f" longest {max(seconds):.2f} s ({len(seconds)})"
            )

    def well(self, what: str, seconds: float, within: float) -> None:
        self.holds(f"{what} within {within:.0f} s: after {seconds:.1f} s", seconds < within)

    def holds(self, what: str, truth: bool, otherwise: object = "") -> bool:
        """One invariant. Also the check of a measured figure against its bound."""
        self._lines.append(f"{'holds ' if truth else 'BROKEN'} {what}" + (f": {otherwise}" if not truth else ""))
        if not truth:
            self.broken.append(what)
        return truth

    def skip(self, why: str) -> None:
        self.skipped = why

    def __str__(self) -> str:
        end = f"SKIPPED: {self.skipped}" if self.skipped else "FAILED" if self.broken else "passed"
        lines = "".join(f"\n   {line}" for line in self._lines)
        return f"== {self.name}: {self.about}{lines}\n   {end}, {monotonic() - self._began:.0f} s"


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[max(0, round(len(seconds) * 0.95) - 1)]


class Seen:
    """Answers as clients saw them: how many of each, and how long they took."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, answer: str, seconds: float) -> None:
        self.counts[answer] += 1
        self.seconds[answer].append(seconds)

    def those(self, beginning: str) -> list[float]:
        """Seconds of all answers that begin so, such as ``503``."""
        return [each for answer, every in self.seconds.items() if answer.startswith(beginning) for each in every]

    @staticmethod
    def counter(seconds: dict[str, list[float]]) -> Counter[str]:
        return Counter({answer: len(every) for answer, every in seconds.items() if every})
