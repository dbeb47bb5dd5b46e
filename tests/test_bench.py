"""That a benchmark which got worse, or is no longer made, fails the run it is part of."""

import json

import pytest

from bench.__main__ import HERE, SECTIONS, worse
from bench.figures import Figure

RATE = Figure("rate", [0.5], goal="at least", compared=True)
COST = Figure("cost", [2.0], goal="at most", compared=True)


@pytest.mark.parametrize(
    ("figure", "before"),
    [
        (RATE, {"rate": 0.7}),
        (COST, {"cost": 1.5}),
        (COST, {"cost": 0.0}),
        (COST, {}),
        (COST, {"cost": 2.0, "rate": 0.5}),
    ],
    ids=["lower rate", "higher cost", "a cost that was none", "not of record", "no longer measured"],
)
def test_what_got_worse_or_cannot_be_compared_is_told(figure: Figure, before: dict[str, float]) -> None:
    assert list(worse({figure.what: figure}, before))


def test_what_is_as_it_was_or_better_is_not_told() -> None:
    assert not list(worse({"rate": RATE, "cost": COST}, {"rate": 0.45, "cost": 1.9}))
    assert not list(worse({"rate": RATE, "cost": COST}, {"rate": 0.3, "cost": 9.0}))


@pytest.mark.parametrize("record", ["results.json", "short.json"])
def test_every_section_has_figures_of_record(record: str) -> None:
    kept = json.loads((HERE / record).read_text())
    assert set(kept) == set(SECTIONS)
    assert all(kept.values())
