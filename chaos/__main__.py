"""``python -m chaos [--short] [--seed N] [scenario …]``; without a name all of them, in this order."""

import argparse
import asyncio
import importlib
import random
import sys
import tempfile
import traceback
from pathlib import Path
from time import monotonic

import chaos
from chaos.ground import ground
from chaos.told import Told
from svastha.kit.log import set_up

SCENARIOS = ("kills", "stopped", "exhausted", "providers", "poison", "full_disk", "clock", "two_versions")
LONGEST = 900.0  # seconds for one scenario, on a machine with much else to do


async def main(names: list[str], *, seed: int, short: bool) -> int:
    began, all_told = monotonic(), list[Told]()
    print(f"chaos: {', '.join(names)}; --seed {seed}{' --short' if short else ''}", flush=True)
    with tempfile.TemporaryDirectory(prefix="svastha-chaos-") as folder:
        async with ground(Path(folder), seed=seed, short=short) as found:
            for name in names:
                scenario = importlib.import_module(f"chaos.{name}")
                told = Told(name, (scenario.__doc__ or "").strip().splitlines()[0])
                all_told.append(told)
                try:
                    async with asyncio.timeout(LONGEST):
                        await scenario.run(found, told)
                except Exception as trouble:
                    traceback.print_exc()
                    told.holds("the scenario runs to its end", False, f"{type(trouble).__name__}: {trouble}")
                print(told, flush=True)
    return verdict(all_told, seed, monotonic() - began)


def verdict(all_told: list[Told], seed: int, seconds: float) -> int:
    """Prints it. Returns the exit status."""
    broken = [told.name for told in all_told if told.broken]
    skipped = [told.name for told in all_told if told.skipped]
    print(
        f"chaos: {len(all_told) - len(broken) - len(skipped)} of {len(all_told)} passed in {seconds:.0f} s"
        + (f"; SKIPPED: {', '.join(skipped)}" if skipped else "")
        + (f"; FAILED: {', '.join(broken)} (again with --seed {seed})" if broken else "")
    )
    return 1 if broken else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="chaos", description=chaos.__doc__)
    parser.add_argument("names", nargs="*", metavar="scenario", help=f"of {', '.join(SCENARIOS)}")
    parser.add_argument("--short", action="store_true", help="fewer and shorter")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="which random moments")
    asked = parser.parse_args()
    if strange := set(asked.names) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(strange))}")
    set_up("error")
    sys.exit(asyncio.run(main(asked.names or list(SCENARIOS), seed=asked.seed, short=asked.short)))
