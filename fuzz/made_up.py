"""Parsers, with what Hypothesis makes up. ``python -m fuzz.made_up NAMES SEED SECONDS FOLDER``"""

import sys
import time
from itertools import count

from hypothesis import HealthCheck, given, seed, settings

from fuzz.inputs import inputs
from fuzz.targets import TARGETS

SEVERAL = 200


def main() -> None:
    names, first, seconds, _ = sys.argv[1:]
    chosen, until = names.split(","), time.monotonic() + float(seconds)
    for turn in count():
        if time.monotonic() > until:
            print(f"made up {turn * SEVERAL} inputs")
            return
        several(chosen[turn % len(chosen)], int(first) + turn)


def several(name: str, first: int) -> None:
    @seed(first)
    @settings(max_examples=SEVERAL, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs(name))
    def read(data: bytes) -> None:
        TARGETS[name](data)

    read()


if __name__ == "__main__":
    main()
