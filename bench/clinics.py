"""What a clinic costs that has a database of its own and does nothing: among one, 100 and 1,000 of them.

Founding goes through the product; of a thousand, the first and the last twenty are founded so, and the rest are copies
of the files of one of them. Migrating is ``svastha migrate``: over the first hundred with nothing to do, and over all
with one file that adds a column and an index. Memory for each is what a process has more of for itself when it knows
the last 900 as well, of PostgreSQL what its own processes have more of. A request is a page that reads a clinic's
database: of a clinic this server was never asked about, the same again at once, and of clinics by Zipf's law (the first
is asked most), with as many connections as are usual and with more. The worker at rest is watched for a whole sweep; no
doctor works in these clinics, or time itself would change what is free. That it is rest is seen by what is written to
the clinics meanwhile: nothing. What is left is PostgreSQL, which starts a process for each database in turn, nine a
second, to see whether it needs its vacuum. fsync is off, in this section alone: a thousand databases are made here in a
minute.
"""

import asyncio
import contextlib
import random
import re
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time

from bench.clinics_made import copied, fits_in_memory, founded, slugs
from bench.figures import Figure
from bench.morning_wire import Line
from bench.stand import Stand, memory_of, spent_by, stand
from svastha.doors.cli.databases import migrate_all
from svastha.doors.jobs.worker import SWEEP_SECONDS
from svastha.kit import migrate
from tests.server import Process, running

ROUND = 200
PLENTY = "200"  # connections of the second server
BESIDE = 3  # connections of a server that are no part of its 24: it listens on two, and looks after the house on one
MORE = "ALTER TABLE patients ADD COLUMN bench text;\nCREATE INDEX patients_by_bench ON patients (bench);\n"
HELD = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'svastha'"
OPENED = "SELECT sum(sessions) FROM pg_stat_database"
WRITTEN = (
    "SELECT datname, tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname LIKE '%_clinic_%'"
)


async def measure(short: bool) -> list[Figure]:
    many = 60 if short else 1000
    some = min(100, many // 2)
    async with _thrown_away(many) as here:
        async with here.connection(None) as control:
            await control.execute("UPDATE clinics SET open_since = NULL WHERE slug = 'nadi'")
        one = await _worker_at_rest(here)
        made, made_cpu = await founded(here, slugs(2, 6 if short else 21))
        await copied(here, slugs(7 if short else 22, some), "c0002")
        few = await _worker_at_rest(here)
        nothing = await _migrated(here)
        own_few = own_memory(here)
        last = many - (5 if short else 20)
        await copied(here, slugs(some + 1, last), "c0002")
        again, again_cpu = await founded(here, slugs(last + 1, many))
        own = own_memory(here) - own_few
        with _one_more_file():
            added = await _migrated(here)
        asked, zipf, server_each = await _asked(here, short, some, many)
        at_rest = await _worker_at_rest(here, SWEEP_SECONDS if not short else 4)
        async with here.connection("asha") as db:
            size = await db.fetchval("SELECT pg_database_size(current_database())") / 2**20
    between = many - some
    return [
        Figure("founding a clinic, among the first", made, "ms", note=f"{made_cpu:.0f} ms of processor"),
        Figure(f"founding a clinic, among {many:,}", again, "ms", note=f"{again_cpu:.0f} ms of processor"),
        Figure(
            f"founding among {many:,} over founding among the first, processor",
            [again_cpu / made_cpu],
            goal="at most",
            limit=2,
            compared=not short,  # of sixty it says nothing: 0.84 and 1.14 in two runs
        ),
        Figure("its database on disk", [size], "MB"),
        _memory_in("the server", server_each),
        _memory_in("the worker", (at_rest.memory - few.memory) * 1024 / between),
        _memory_in("PostgreSQL's own processes", own * 1024 / between),
        Figure(f"migrating {some + 1}, nothing to do", [nothing[0]], "s", note=f"{nothing[1]:.1f} s of processor"),
        Figure(f"migrating {many:,} by one small file", [added[0]], "s", note=f"{added[1]:.1f} s of processor"),
        *asked,
        *zipf,
        Figure("connections held by a worker after its first look at one clinic", [one.connections]),
        Figure(f"connections held by a worker after its first look at {many:,}", [at_rest.connections]),
        Figure("first look of a worker at one more clinic", [(at_rest.first - one.first) * 1e3 / (many - 1)], "ms"),
        Figure(f"worker at rest with {many:,} idle clinics, of one core", [at_rest.worker * 100], "%"),
        Figure(f"PostgreSQL at rest with {many:,} idle clinics, of one core", [at_rest.postgres * 100], "%"),
        Figure("idle clinics written to meanwhile", [at_rest.written], goal="at most", limit=many // 100),
    ]


@contextlib.asynccontextmanager
async def _thrown_away(many: int) -> AsyncIterator[Stand]:
    """In memory if so many databases fit there."""
    async with stand(fast=fits_in_memory(many)) as here:
        async with here.connection(None) as control:
            await control.execute("ALTER SYSTEM SET fsync = off")
            await control.execute("ALTER SYSTEM SET full_page_writes = off")
            await control.execute("SELECT pg_reload_conf()")
        yield here


def _memory_in(what: str, kilobytes: float) -> Figure:
    """A process that has less of it than before has none for a clinic that could be told from chance."""
    note = "" if kilobytes > 0 else "too small to measure"
    return Figure(f"memory of an idle clinic in {what}", [max(0.0, kilobytes)], "KB", note=note)


def own_memory(here: Stand) -> float:
    """Megabytes of the postmaster and what works in the background for it; of no connection."""
    children, total = Path(f"/proc/{here.postgres}/task/{here.postgres}/children").read_text().split(), 0.0
    for pid in (here.postgres, *map(int, children)):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            if not re.search(rb": svastha|worker", Path(f"/proc/{pid}/cmdline").read_bytes()):
                total += memory_of(pid)
    return total


async def _migrated(here: Stand) -> tuple[float, float]:
    """Seconds, and seconds of processor time."""
    spent, began = spent_by(here.postgres) + process_time(), perf_counter()
    if failed := await migrate_all(here.house):
        raise RuntimeError(f"not migrated: {failed}")
    return perf_counter() - began, spent_by(here.postgres) + process_time() - spent


@contextlib.contextmanager
def _one_more_file() -> Iterator[None]:
    usual = migrate.folder
    with tempfile.TemporaryDirectory() as place:
        for kind in ("control", "clinic"):
            shutil.copytree(usual(kind), Path(place) / kind)
        number = len(migrate.files("clinic")) + 1
        (Path(place) / "clinic" / f"{number:04}_bench.sql").write_text(MORE)
        migrate.folder = lambda kind: Path(place) / kind
        try:
            yield
        finally:
            migrate.folder = usual


class _Rest:
    memory: float
    connections: float
    first: float
    worker: float
    postgres: float
    written: int


async def _worker_at_rest(here: Stand, seconds: float = 0) -> _Rest:
    """After it has looked at all clinics once. With ``seconds`` also what both take of a core while these pass, and to
    how many clinics anything was written."""
    worker, found = here.worker(), _Rest()
    async with here.connection(None) as control:
        before, spent = await control.fetchval(HELD), spent_by(here.postgres)
        with running(worker):
            await _quiet(worker)
            found.first = spent_by(worker.pid) + spent_by(here.postgres) - spent
            found.connections = await control.fetchval(HELD) - before
            found.memory = memory_of(worker.pid)
            if seconds:
                written = await control.fetch(WRITTEN)
                found.worker, found.postgres = await _shares(seconds, worker.pid, here.postgres)
                found.written = len({*await control.fetch(WRITTEN)} - {*written})
    return found


async def _shares(seconds: float, *pids: int) -> list[float]:
    """Of a core, what each of these processes and all below it takes in the next ``seconds``."""
    began, spent = perf_counter(), [spent_by(pid) for pid in pids]
    await asyncio.sleep(seconds)
    return [(spent_by(pid) - before) / (perf_counter() - began) for pid, before in zip(pids, spent, strict=True)]


async def _quiet(*processes: Process) -> None:
    """Raises TimeoutError when they go on for more than two minutes."""
    pids, quiet, before = [one.pid for one in processes], 0, -1.0
    async with asyncio.timeout(120):
        while quiet < 2:
            await asyncio.sleep(0.5)
            spent = spent_by(*pids)
            quiet, before = (quiet + 1 if spent - before < 0.01 else 0), spent


async def _asked(here: Stand, short: bool, some: int, many: int) -> tuple[list[Figure], list[Figure], float]:
    """Cold and warm, by Zipf's law, and kilobytes of memory for each clinic that was asked about."""
    usual, plenty = here.server(), here.server(SVASTHA_CONNECTIONS=PLENTY)
    names = ["asha", *slugs(2, many)]
    async with here.connection(None) as control:
        before = await control.fetchval(HELD)
        with running(usual):
            at_start = await control.fetchval(HELD) - before
            line = Line(usual.port)
            await _each(line, ["asha"] * 50)
            cold, warm, cold_cpu, warm_cpu = await _cold_and_warm(here, usual, line, names[1 : some + 1])
            memory = memory_of(usual.pid)
            await asyncio.gather(*(_each(Line(usual.port), names[some + 1 + k :: 8]) for k in range(8)))
            server_each = (memory_of(usual.pid) - memory) * 1024 / (many - some)
            held = await control.fetchval(HELD) - before
            with running(plenty):
                costs = await _by_zipf(here, (usual, plenty), names, 2)
                held_plenty = await control.fetchval(HELD) - before - held
    asked = [
        Figure("first request to a clinic", cold, "ms", note=f"{cold_cpu:.1f} ms of processor"),
        Figure("the next", warm, "ms", note=f"{warm_cpu:.1f} ms of processor"),
        Figure(
            "first request over the next, processor", [cold_cpu / warm_cpu], goal="at most", limit=10, compared=True
        ),
        Figure("connections a server holds at rest", [at_start]),
        Figure(f"connections it holds after {many:,} clinics were asked", [held], goal="at most", limit=24 + BESIDE),
    ]
    return asked, [*costs, Figure(f"connections held where {PLENTY} are allowed", [held_plenty])], server_each


async def _ask(line: Line, slug: str) -> None:
    await line.done("GET", f"/c/{slug}/screen")


async def _each(line: Line, names: Sequence[str]) -> None:
    for slug in names:
        await _ask(line, slug)


async def _cold_and_warm(
    here: Stand, server: Process, line: Line, names: Sequence[str]
) -> tuple[list[float], list[float], float, float]:
    """Milliseconds each, and of processor time of each."""
    took: tuple[list[float], list[float]] = ([], [])
    spent = [0.0, 0.0]
    for slug in names:
        for k in (0, 1):
            before, began = spent_by(server.pid, here.postgres), perf_counter()
            await _ask(line, slug)
            took[k].append((perf_counter() - began) * 1e3)
            spent[k] += spent_by(server.pid, here.postgres) - before
    return *took, spent[0] * 1e3 / len(names), spent[1] * 1e3 / len(names)


async def _by_zipf(here: Stand, servers: Sequence[Process], names: Sequence[str], rounds: int) -> list[Figure]:
    """In turn; a round is 200 requests of each kind, eight at a time."""
    weights, chance = [1 / rank**1.1 for rank in range(1, len(names) + 1)], random.Random(1)
    cost: dict[int, list[float]] = {0: [], 1: [], 2: []}
    async with here.connection(None) as control:
        opened = [0.0, 0.0]
        for turn in range(rounds + 1):  # the first is to warm up
            asked = chance.choices(names, weights, k=ROUND)
            for k in (0, 1, 2) if turn % 2 else (2, 1, 0):  # 2: one clinic alone
                server, those = servers[k % 2], asked if k < 2 else ["asha"] * ROUND
                before, spent = await control.fetchval(OPENED), spent_by(server.pid, here.postgres)
                await asyncio.gather(*(_each(Line(server.port), those[n::8]) for n in range(8)))
                if turn:
                    cost[k].append((spent_by(server.pid, here.postgres) - spent) * 1e3 / ROUND)
                    if k < 2:
                        opened[k] += float(await control.fetchval(OPENED) - before) * 100 / ROUND / rounds
    alone = statistics.median(cost[2])
    return [
        Figure("request to one clinic alone, processor", cost[2], "ms"),
        Figure("request by Zipf, 24 connections, processor", cost[0], "ms", note=f"{opened[0]:.0f} % opened one"),
        Figure(
            f"request by Zipf, {PLENTY} connections, processor", cost[1], "ms", note=f"{opened[1]:.0f} % opened one"
        ),
        Figure("by Zipf with 24 over one clinic alone", [one / alone for one in cost[0]], compared=True),
        Figure(f"by Zipf with {PLENTY} over one clinic alone", [one / alone for one in cost[1]], compared=True),
    ]
