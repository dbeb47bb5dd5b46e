"""How much of what the machine can do arrives at somebody who looks for a doctor.

**Search**: 200 random searches (complaints, cities, names, specialty, language, mode, fee, gender, each sort, second
pages) that fill a page of 20, over 5,000 and over 100,000 invented doctors, none of them answered from memory. Each is
compared with a server that does nothing but send the very same statements, known beforehand, over connections of its
own and pass on what PostgreSQL says: same server software, one process each, 16 connections, the answers compared.
**Slot list**: two weeks of one doctor, in the same way. **Cached**: the same search again and again, and with
`If-None-Match`, against a server that always sends one answer of the same length. Cost is the processor time of server
and PostgreSQL together.
"""

import asyncio
import contextlib
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

import asyncpg
import msgspec

from bench.figures import Figure
from bench.morning_wire import Line
from bench.search_asked import asked
from bench.search_bare import CONNECTIONS, CONSTANT, Script, Statement
from bench.search_town import settle
from bench.stand import Stand, ran, spent_by, stand
from svastha.domain import directory, schedule
from svastha.domain.directory import Query
from svastha.kit.db import ClinicTx, ControlTx
from tests.cast import RAO
from tests.server import free_port, running

SEARCHES, LIMIT = 200, 20
SMALL, LARGE = 5_000, 100_000
LUA = Path(__file__).with_name("search.lua")
ANEW = "Cache-Control: no-cache"
AT_THE_GATE = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


class Overhearing:
    """A connection that notes what is asked."""

    def __init__(self, connection: Any, place: str) -> None:
        self._connection, self._place = connection, place
        self.heard: list[Statement] = []

    def is_in_transaction(self) -> bool:
        return True

    async def execute(self, _sql: str) -> None:
        pass  # how to plan

    async def fetch(self, sql: str, *values: Any) -> Any:
        self.heard.append(Statement(self._place, sql, values))
        return await self._connection.fetch(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        return (await self.fetch(sql, *values))[0][0]


class Town(NamedTuple):
    """A control database, what is looked for in it, and how that is answered by hand."""

    doctors: int
    database: str
    answers: dict[str, tuple[list[Statement], str | None]]


async def answered(at: Stand, database: str, query: Query) -> tuple[list[Statement], directory.Found]:
    async with at.house.connections.borrowed(database) as connection:
        heard = Overhearing(connection, database)
        tx = ControlTx(heard, await at.house.routing.keyring())
        found = await directory.found(tx, query, secret=at.settings.secret)
    return heard.heard, found


async def searches(at: Stand, towns: list[tuple[int, str]], many: int) -> list[Town]:
    """The same in each town: those of which every town has a page full, every fifth of them for its second page."""
    chance = Random(5)
    made = [Town(doctors, database, {}) for doctors, database in towns]
    while len(made[0].answers) < many:
        wishes = asked(chance)
        query = msgspec.convert(wishes, Query, strict=False)
        second = chance.random() < 0.2
        answers = []
        for town in made:
            heard, found = await answered(at, town.database, query)
            asks = wishes
            if second and found.next_cursor:
                asks = {**wishes, "cursor": found.next_cursor}
                again = msgspec.structs.replace(query, cursor=found.next_cursor)
                heard, found = await answered(at, town.database, again)
            answers.append((f"/api/v1/doctors?{urlencode(asks)}", heard, found))
        if all(len(json.loads(found.cards)) == LIMIT for *_, found in answers):
            for town, (address, heard, found) in zip(made, answers, strict=True):
                town.answers[address] = (heard, found.next_cursor or "")
    return made


async def slots(at: Stand) -> dict[str, tuple[list[Statement], str | None]]:
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    until = day + timedelta(days=14)
    place, vault = await at.house.routing.find("asha")
    said = {"from": day.isoformat().replace("+00:00", "Z"), "to": until.isoformat().replace("+00:00", "Z")}
    address = f"/api/v1/clinics/asha/doctors/{RAO}/slots?{urlencode(said)}"
    control = at.database(None)
    first = Statement(control, "SELECT may_practise(d) FROM doctors d WHERE id = $1", (RAO,))
    async with at.house.connections.borrowed(place.database) as connection:
        heard = Overhearing(connection, place.database)
        tx = ClinicTx(heard, place, vault)
        await schedule.free_times_told(tx, RAO, from_at=day, to_at=until, mode=None, patient=None)
    return {address: ([first, *heard.heard], None)}


class Server(NamedTuple):
    port: int
    pid: int


@contextmanager
def bare(at: Stand, script: Script) -> Iterator[Server]:
    port = free_port()
    path = at.folder / f"bare-{port}"
    path.write_bytes(pickle.dumps(script))
    process = subprocess.Popen([sys.executable, "-m", "bench.search_bare", str(path), str(port)], env=dict(os.environ))
    try:
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


async def got(server: Server, address: str, *headers: str) -> bytes:
    def ask() -> bytes:
        named = dict(line.split(": ", 1) for line in headers)
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}{address}", headers=named)
        with urllib.request.urlopen(request) as answer:
            body: bytes = answer.read()
            return body

    for _ in range(600):  # it may be starting, and planning
        try:
            return await asyncio.to_thread(ask)
        except urllib.error.URLError:
            await asyncio.sleep(0.05)
    raise AssertionError(address)


class Load(NamedTuple):
    """One side of a comparison."""

    server: Server
    addresses: Path
    headers: tuple[str, ...] = ()


class Ran(NamedTuple):
    rate: float
    server_ms: float
    postgres_ms: float


async def run(at: Stand, load: Load, seconds: int) -> Ran:
    wrk = shutil.which("wrk")
    if not wrk:
        raise RuntimeError("there is no wrk on this machine (Debian: apt-get install wrk)")
    before = spent_by(load.server.pid), spent_by(at.postgres)
    told = await ran(
        wrk, "-t1", "-c16", f"-d{seconds}s", "-s", str(LUA), f"http://127.0.0.1:{load.server.port}",
        "--", str(load.addresses), *load.headers, within=seconds + 20,
    )  # fmt: skip
    after = spent_by(load.server.pid), spent_by(at.postgres)
    if wrong := re.search(r"Non-2xx.*|Socket errors.*", told):
        raise RuntimeError(wrong[0])
    many = int(re.search(r"(\d+) requests in", told)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
    return Ran(rate, *(1000 * (b - a) / many for a, b in zip(before, after, strict=True)))


async def planned(at: Stand, server: Server, town: Town) -> None:
    """Each connection of the server plans each statement of these searches once, which takes as long as to answer it
    several times. Behind a lock as many requests as there are connections must take one each."""
    distinct = {tuple(one.sql for one in statements): address for address, (statements, _) in town.answers.items()}
    lines = [Line(server.port) for _ in range(CONNECTIONS)]
    gate = await asyncpg.connect(at.cluster.dsn, database=town.database)
    for address in distinct.values():
        async with gate.transaction():
            await gate.execute("LOCK TABLE listing_offers, directory_entries")
            asked = asyncio.gather(*(line.done("GET", address, f"{ANEW}\r\n") for line in lines))
            async with asyncio.timeout(10):
                while await gate.fetchval(AT_THE_GATE) < CONNECTIONS:  # noqa: ASYNC110
                    await asyncio.sleep(0.002)  # polls: no event tells of a lock that is waited for
        await asked
    await gate.close()


async def in_turn(at: Stand, loads: dict[str, Load], rounds: int, seconds: int) -> dict[str, list[Ran]]:
    found: dict[str, list[Ran]] = {name: [] for name in loads}
    for load in loads.values():
        await run(at, load, 1)
    for number in range(rounds):
        for name in list(loads)[:: 1 if number % 2 else -1]:
            found[name].append(await run(at, loads[name], seconds if name.startswith("search") else 1))
    return found


def ratios(of: list[Ran], to: list[Ran]) -> list[float]:
    return [one.rate / best.rate for one, best in zip(of, to, strict=True)]


def costs(of: list[Ran], to: list[Ran]) -> list[float]:
    """Processor time by hand, as a share of ours."""
    pairs = zip(of, to, strict=True)
    return [(best.server_ms + best.postgres_ms) / (one.server_ms + one.postgres_ms) for one, best in pairs]


def told(at: Stand, name: str, addresses: list[str]) -> Path:
    path = at.folder / name
    path.write_text("\n".join(addresses))
    return path


async def copy_of(at: Stand, database: str, name: str, doctors: int) -> None:
    admin = await asyncpg.connect(at.cluster.dsn)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {database}")
    await admin.close()
    connection = await asyncpg.connect(at.cluster.dsn, database=name)
    await settle(connection, doctors)
    await connection.close()


async def compared(server: Server, by_hand: Server, addresses: list[str]) -> None:
    """Raises where the two answer differently; the cursor of the next page knows when it was made."""
    for address in addresses:
        one, other = [json.loads(await got(side, address, ANEW)) for side in (server, by_hand)]
        if one["items"] != other["items"] or not one["items"]:
            raise RuntimeError(f"the two servers differ: {address}")


async def measure(short: bool) -> list[Figure]:
    sizes, many, rounds, seconds = ([SMALL], 60, 2, 1) if short else ([SMALL, LARGE], SEARCHES, 3, 2)
    async with stand(fast=True) as at, contextlib.AsyncExitStack() as stack:
        prefixes = {doctors: f"bench_{doctors}" for doctors in sizes}
        for doctors, prefix in prefixes.items():
            await copy_of(at, at.database(None), f"{prefix}_control", doctors)
        towns = await searches(at, [(doctors, f"{prefix}_control") for doctors, prefix in prefixes.items()], many)
        times = await slots(at)
        await at.house.connections.close()
        loads: dict[str, Load] = {}
        for town in towns:
            process = at.server(SVASTHA_DATABASE_PREFIX=prefixes[town.doctors])
            stack.enter_context(running(process))
            server = Server(process.port, process.pid)
            answers = town.answers | (times if town is towns[0] else {})
            first = next(iter(town.answers))
            constant = await got(server, first)
            by_hand = stack.enter_context(bare(at, Script(at.cluster.dsn, answers, constant)))
            sample = list(town.answers)[:: max(1, many // 20)] + list(times if town is towns[0] else [])
            await compared(server, by_hand, sample)
            await planned(at, server, town)
            asks = told(at, f"searches-{town.doctors}", list(town.answers))
            loads[f"search {town.doctors}"] = Load(server, asks, (ANEW,))
            loads[f"search {town.doctors} by hand"] = Load(by_hand, asks, (ANEW,))
            if town is towns[0]:
                one = told(at, "one", [first])
                loads |= {
                    "slots": Load(server, told(at, "slots", list(times)), (ANEW,)),
                    "slots by hand": Load(by_hand, told(at, "slots", list(times)), (ANEW,)),
                    "kept": Load(server, one),
                    "known": Load(server, one, (f"If-None-Match: {await etag_of(server, first)}",)),
                    "constant": Load(by_hand, told(at, "constant", [CONSTANT])),
                }
        found = await in_turn(at, loads, rounds, seconds)
    return [*figures(found, sizes)]


async def etag_of(server: Server, address: str) -> str:
    with await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{server.port}{address}") as answer:
        return str(answer.headers["ETag"])


def figures(found: dict[str, list[Ran]], sizes: list[int]) -> Iterator[Figure]:
    cost: dict[int, list[float]] = {}
    for doctors in sizes:
        ours, by_hand = found[f"search {doctors}"], found[f"search {doctors} by hand"]
        of = f"search over {doctors:,} doctors"
        yield Figure(f"{of}, of what is possible by hand", ratios(ours, by_hand), "", "at least", 0.7, True)
        yield Figure(
            f"{of}, processor time by hand as a share of ours", costs(ours, by_hand), compared=True, goal="at least"
        )
        yield Figure(f"{of}: server", [one.server_ms for one in ours], "ms")
        yield Figure(f"{of}: PostgreSQL", [one.postgres_ms for one in ours], "ms")
        yield Figure(f"{of}: server by hand", [one.server_ms for one in by_hand], "ms")
        yield Figure(f"{of}: its PostgreSQL", [one.postgres_ms for one in by_hand], "ms")
        cost[doctors] = [one.server_ms + one.postgres_ms for one in ours]
    if LARGE in cost:
        growth = [large / small for small, large in zip(cost[SMALL], cost[LARGE], strict=True)]
        yield Figure(f"cost of a search over {LARGE:,} to one over {SMALL:,}", growth, "", "at most", 1.2, True)
    times = ratios(found["slots"], found["slots by hand"])
    yield Figure("slot list, of what is possible by hand", times, "", "at least", 0.7, True)
    share = costs(found["slots"], found["slots by hand"])
    yield Figure("slot list, processor time by hand as a share of ours", share, compared=True, goal="at least")
    yield Figure("slot list: server", [one.server_ms for one in found["slots"]], "ms")
    yield Figure("slot list: PostgreSQL", [one.postgres_ms for one in found["slots"]], "ms")
    for name, what in (("kept", "the same search again"), ("known", "the same search, known already (304)")):
        share = ratios(found[name], found["constant"])
        yield Figure(f"{what}, of a constant answer", share, "", "at least", 0.5, True)
        yield Figure(f"{what}: server", [1000 * one.server_ms for one in found[name]], "µs")
