"""``python -m fuzz``: goes on where the tests stop, for as many minutes as asked, five at most.

Half of the time walks along the links of the API, the other half reads with every parser: guided by coverage (atheris)
where that can be had, else with inputs Hypothesis makes up. The seed is printed; with ``--seed`` it is the same again.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from fuzz.seeds import SEEDS, WILD
from fuzz.targets import TARGETS

MOST = 5.0  # minutes
PATIENCE = 300  # seconds to begin and to finish, on a machine that does much else


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m fuzz", description="Look for what breaks, for some minutes.")
    asked.add_argument("--minutes", type=float, default=MOST, help="at most 5")
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    asked.add_argument("--only", choices=[*TARGETS, "links"], help="this alone")
    asked.add_argument("--unguided", action="store_true", help="by Hypothesis, also where atheris is")
    given = asked.parse_args()
    seconds = min(given.minutes, MOST) * 60
    guided = find_spec("atheris") is not None and not given.unguided
    print(f"seed {given.seed}; parsers are read {'guided by coverage (atheris)' if guided else 'by Hypothesis'}")
    names = [given.only] if given.only else [*TARGETS, "links"]
    parsers = [name for name in names if name != "links"]
    began, broken = time.monotonic(), []
    if parsers and not _read(parsers, given.seed, seconds * (0.5 if "links" in names else 1), guided=guided):
        broken.append("a parser")
    if "links" in names and not _walk(given.seed, max(10.0, seconds - (time.monotonic() - began))):
        broken.append("links")
    print(f"{time.monotonic() - began:.0f} s; broken: {', '.join(broken) or 'nothing'}")
    return 1 if broken else 0


def _read(names: list[str], seed: int, seconds: float, *, guided: bool) -> bool:
    """In a process of its own, for what breaks may take the process with it. The first byte says which parser."""
    with tempfile.TemporaryDirectory(prefix="svastha-fuzz-") as folder:
        for at, name in enumerate(names):
            for number, data in enumerate([*SEEDS.get(name, []), *WILD]):
                Path(folder, f"{name}{number}").write_bytes(bytes([at]) + data)
        how = "fuzz.guided" if guided else "fuzz.made_up"
        command = [sys.executable, "-m", how, ",".join(names), str(seed), f"{seconds:.1f}", folder]
        done = subprocess.run(command, check=False, capture_output=True, timeout=seconds + PATIENCE)
    said = (done.stdout + done.stderr).decode(errors="replace")
    told = [line for line in said.splitlines() if line.startswith(("Done", "made up"))]
    print(f"{len(names)} parsers: {told[-1] if told and not done.returncode else 'BROKEN'}", flush=True)
    if done.returncode:
        print("\n".join(line[:300] for line in said.splitlines()[-40:]))
    return done.returncode == 0


def _walk(seed: int, seconds: float) -> bool:
    """As the test, which has a house to walk in."""
    test = "tests/hostile/test_links.py::test_nothing_fails_along_the_links"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", test],
        check=False,
        capture_output=True,
        env=os.environ | {"SVASTHA_WALK_SEED": str(seed), "SVASTHA_WALK_SECONDS": f"{seconds:.0f}"},
        timeout=seconds + PATIENCE,
    )
    said = (done.stdout + done.stderr).decode(errors="replace").strip()
    print(f"links: {said.splitlines()[-1] if done.returncode == 0 else 'BROKEN'}")
    if done.returncode:
        print(said[-6_000:])
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
