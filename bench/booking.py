"""A booking through the API, from the token to the commit, against ``pgbench`` running the same SQL.

``wrk`` books with 16 connections at one server process, and with 8 at each of two. Every request is another visit of
another person with another doctor, and must be answered with 201. Servers write a line of log for each, as in
production. ``pgbench -M prepared`` runs, over 16 connections, the statements that a server was overheard saying from
BEGIN to COMMIT, with other values each time; it makes these values with a statement of its own before BEGIN, whose cost
is measured apart and taken off. It neither authenticates nor asks the control database, so it has less to do than the
server. Each round asks all three, in turn and in the other order.

Tokens are remembered by the server for a minute, as those of people who looked at free times just before.
Processor time of PostgreSQL is that of all its processes, with writing its log to disk and what a server asks the
control database. No worker runs: what a booking leaves to be done later is not in these figures.
"""

import asyncio
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.booking_clinic import BLOCK, PATH, PLACE, Wish, filled, first_day
from bench.booking_said import as_script, said_by
from bench.figures import Figure
from bench.stand import Stand, ran, spent_by, stand
from svastha.kit.connections import SETTINGS
from svastha.kit.postgres import programs
from svastha.kit.postgres.account import owner_of
from tests.server import Process, running

CLIENTS = 16
LUA = Path(__file__).with_suffix(".lua")


class Ran(NamedTuple):
    """Bookings a second; milliseconds of processor of the servers and of PostgreSQL for each; 95th percentile in ms."""

    rate: float
    server: float
    postgres: float
    p95: float


class Load:
    def __init__(self, at: Stand, tokens: list[str], seconds: int) -> None:
        self.at, self.seconds = at, seconds
        self.tokens = at.folder / "tokens"
        self.tokens.write_text("\n".join(tokens) + "\n")
        self.first_day = first_day()
        self._blocks = iter(range(BLOCK, 10**9, BLOCK))

    async def booked(self, *servers: Process, seconds: int | None = None) -> Ran:
        if shutil.which("wrk") is None:
            raise RuntimeError("The bench needs wrk: apt-get install wrk")
        lasts = seconds or self.seconds
        each, pids = CLIENTS // len(servers), [one.pid for one in servers]
        before, postgres = spent_by(*pids), spent_by(self.at.postgres)
        told = await asyncio.gather(*(self._wrk(one, each, lasts) for one in servers))
        spent, postgres = spent_by(*pids) - before, spent_by(self.at.postgres) - postgres
        done = sum(one["done"] for one in told)
        if any(one["wrong"] for one in told):
            raise RuntimeError(f"bookings were refused: {told}")
        rate = sum(one["done"] / one["seconds"] for one in told)
        return Ran(rate, spent / done * 1e3, postgres / done * 1e3, max(one["p95"] for one in told))

    async def _wrk(self, server: Process, connections: int, seconds: int) -> dict[str, float]:
        out = await ran(
            *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(LUA)),
            f"http://127.0.0.1:{server.port}{PATH}",
            *("--", str(next(self._blocks)), str(self.tokens), str(self.first_day)),
            within=seconds + 40,
            PATH=os.environ["PATH"],
        )
        told: dict[str, float] = json.loads(out.strip().splitlines()[-1])
        return told

    async def pgbench(self, script: str, constants: dict[str, str], seconds: int) -> Ran:
        """Transactions a second."""
        first = next(self._blocks)
        path = self.at.folder / "booking.sql"
        path.write_text(script)
        found, _ = programs.find(owner_of(self.at.cluster.data), self.at.folder)
        given = {**constants, "first": str(first), "clients": str(CLIENTS), "n": "0"}
        defines = [part for name, text in given.items() for part in ("--define", f"{name}={text}")]
        before = spent_by(self.at.postgres)
        out = await ran(
            *(str(found / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(seconds)),
            *("-f", str(path), *defines),
            self.at.cluster.dsn.replace("/postgres?", f"/{self.at.database(PLACE)}?"),
            within=seconds + 40,
            **os.environ,
            PGOPTIONS=" ".join(f"-c {name}={value}" for name, value in SETTINGS.items()),
        )
        spent = spent_by(self.at.postgres) - before
        done, failed, rate = (float(next(_numbers(what, out))) for what in ("actually processed", "failed", "tps ="))
        if failed or not done:
            raise RuntimeError(out)
        return Ran(rate, 0.0, spent / done * 1e3, 0.0)


def _numbers(what: str, out: str) -> Iterator[str]:
    for line in out.splitlines():
        if what in line:
            yield from re.findall(r"[\d.]+", line.partition(what)[2])


async def measure(short: bool) -> list[Figure]:
    rounds, seconds = (1, 3) if short else (3, 3)
    async with stand() as at:
        tokens = await filled(at)
        load = Load(at, tokens, seconds)
        said, wish = await said_by(at, tokens, Wish(7, load.first_day))
        trips = len(said) - 2  # BEGIN and COMMIT
        script, making, constants = as_script(said, wish)
        environ = {"SVASTHA_LOG_LEVEL": "info", "SVASTHA_BASE_URL": at.settings.url}
        one, another = at.server(**environ), at.server(**environ)
        found: dict[str, list[Ran]] = {"limit": [], "making": [], "one": [], "two": []}

        async def run(what: str) -> None:
            if what == "limit":
                found["limit"].append(await load.pgbench(script, constants, seconds))
                found["making"].append(await load.pgbench(making, constants, 1))
            else:
                found[what].append(await (load.booked(one) if what == "one" else load.booked(one, another)))

        with running(one, another):
            await load.booked(one, another, seconds=2 if short else 4)
            await load.pgbench(script, constants, 1 if short else 2)
            for turn in range(rounds):
                order = ("limit", "one", "two") if turn % 2 == 0 else ("two", "one", "limit")
                for what in order:
                    await run(what)
    limits = [1 / (1 / whole.rate - 1 / part.rate) for whole, part in zip(found["limit"], found["making"], strict=True)]
    bare = [whole.postgres - part.postgres for whole, part in zip(found["limit"], found["making"], strict=True)]

    def ratios(what: str) -> list[float]:
        return [ran.rate / limit for ran, limit in zip(found[what], limits, strict=True)]

    return [
        Figure("round trips between BEGIN and COMMIT", [trips], "", "at most", 4, compared=True),
        Figure("rate of pgbench, one server process", ratios("one"), "", "at least", 0.5, compared=True),
        Figure("rate of pgbench, two server processes", ratios("two"), "", "at least", 0.8, compared=True),
        Figure("processor time of the server", [r.server for r in found["one"]], "ms", "at most", 1.2),
        Figure("processor time of PostgreSQL", [r.postgres for r in found["one"]], "ms", "at most", 1.2),
        Figure("processor time of PostgreSQL under pgbench", bare, "ms"),
        Figure("bookings a second, pgbench", limits),
        Figure("bookings a second, one server process", [r.rate for r in found["one"]]),
        Figure("bookings a second, two server processes", [r.rate for r in found["two"]]),
        Figure("95th percentile, one server process", [r.p95 for r in found["one"]], "ms"),
    ]
