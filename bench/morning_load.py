"""Load from a process of its own, which says itself what it cost."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from bench.figures import Figure
from bench.stand import Stand, spent_by
from tests.server import Process

T = TypeVar("T")


async def load(module: str, plan: msgspec.Struct, kind: type[T], *, within: float) -> T:
    """Runs ``python -m module``, which reads the plan and writes what it found. Raises RuntimeError with what it said
    when it failed: one answer nobody hoped for is enough."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within):
            out, error = await process.communicate(msgspec.json.encode(plan))
    except TimeoutError:
        process.kill()
        raise
    if process.returncode:
        raise RuntimeError(f"{module}: {error.decode()[-3000:]}")
    return msgspec.json.decode(out, type=kind)


async def due(here: Stand, *places: str | None) -> int:
    """Jobs that wait for a worker in these databases; None is the control database."""
    count = 0
    for place in places:
        async with here.connection(place) as connection:
            count += await connection.fetchval(
                "SELECT count(*) FROM jobs WHERE run_at <= now() AND set_aside_at IS NULL"
            )
    return count


async def rested(here: Stand, *places: str | None, within: float = 60) -> None:
    """The worker has done what making people left for it, and PostgreSQL knows its tables. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while await due(here, *places):  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # polls the databases: no event tells of an empty table
    for place in places:
        async with here.connection(place) as connection:
            await connection.execute("ANALYZE")


def spent(here: Stand, servers: Sequence[Process], worker: Process) -> list[float]:
    """Seconds of processor time: of all servers, the worker, and PostgreSQL."""
    return [spent_by(*(one.pid for one in servers)), spent_by(worker.pid), spent_by(here.postgres)]


def costs(used: Sequence[float], by_load: float, answers: int) -> Iterator[Figure]:
    """``used``: as of :func:`spent`, meanwhile."""
    for who, seconds in zip(("server", "worker", "PostgreSQL", "load"), (*used, by_load), strict=True):
        yield Figure(f"{who}: processor time for each answer", [1000 * seconds / answers], "ms")
    for who, seconds in (("server", used[0]), ("PostgreSQL", used[2])):
        yield Figure(f"{who}: processor time, in that of the load", [seconds / by_load], goal="at most", compared=True)
