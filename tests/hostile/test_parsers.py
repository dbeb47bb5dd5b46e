"""Every parser of ours, with what is nearly right and what is not. ``python -m fuzz`` goes on where this stops."""

import pytest
from hypothesis import HealthCheck, example, given, settings

from fuzz.inputs import inputs
from fuzz.seeds import SEEDS, WILD
from fuzz.targets import TARGETS

FEW = {"every_setting": 25, "calendar": 100, "mail": 150}


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_is_read_is_understood_or_refused(name: str) -> None:
    @settings(
        max_examples=FEW.get(name, 250),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(name))
    def read(data: bytes) -> None:
        TARGETS[name](data)

    for data in [*SEEDS.get(name, []), *WILD]:
        read = example(data)(read)
    read()


def test_each_seed_belongs_to_a_parser_and_each_parser_has_seeds() -> None:
    assert set(SEEDS) == set(TARGETS)
