"""The cheap scenarios of ``make chaos``, short, and that every one of them is told of in the documents."""

from pathlib import Path
from typing import Any

import pytest

from chaos import exhausted, poison, providers
from chaos.__main__ import SCENARIOS
from chaos.ground import Ground
from chaos.told import BACK, DRAINED, Told

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "docs/reliability.md"


async def heals(scenario: Any, ground: Ground) -> None:
    told = Told("test", "")
    await scenario.run(ground, told)
    assert not told.broken, str(told)


async def test_connections_that_are_all_taken(dsn: str, template: str, tmp_path: Path) -> None:
    await heals(exhausted, Ground(dsn, template, tmp_path))


async def test_jobs_that_are_poisoned(dsn: str, template: str, tmp_path: Path) -> None:
    await heals(poison, Ground(dsn, template, tmp_path))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_is_told_of(scenario: str) -> None:
    assert f"](../chaos/{scenario}.py)" in DOCUMENT.read_text()
    assert (ROOT / f"chaos/{scenario}.py").read_text().startswith('"""')


def test_how_soon_all_must_be_well_is_told() -> None:
    text = DOCUMENT.read_text()
    assert f"requests within {BACK:.0f} s of healing" in text
    assert DRAINED == providers.SENT and f"jobs and messages within {DRAINED:.0f} s" in text
