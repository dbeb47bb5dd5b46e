"""``python -m drill [--short]``: back up under load, destroy, restore, verify; what was lost, and for how long.

A PostgreSQL of its own with fsync on, a server and a worker; people book, cancel, and doctors write. A whole backup is
made meanwhile. Then all are killed, the data is removed, and restored elsewhere with the commands an operator has:
once with every change followed, once from the whole backup alone. Takes about a minute.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from bench.stand import family
from chaos.load import Load
from chaos.stand import Stand
from chaos.told import Told
from chaos.truths import TAKES_PLACE, audit
from svastha.doors.cli.backup import SLOT
from svastha.kit.log import set_up
from svastha.kit.postgres import Cluster
from svastha.wiring import build
from tests.cast import invent
from tests.conftest import settings_for

PREFIX = "drill"
PEOPLE, DAYS = 12, 10
POINT, TIME = 1.0, 60.0  # seconds that may be lost, and until it is well again


async def main(short: bool) -> int:
    seconds, broken = (3 if short else 10), False
    for following in (True, False):
        way = "every change was followed" if following else "there is the whole backup alone"
        told = Told("drill", f"all is lost, and {way}")
        with tempfile.TemporaryDirectory(prefix="svastha-drill-") as folder:
            await one(Path(folder), told, seconds, following=following)
        print(told, flush=True)
        broken |= bool(told.broken)
    return 1 if broken else 0


async def one(folder: Path, told: Told, seconds: int, *, following: bool) -> None:
    kept, there = folder / "elsewhere", folder / "there"
    async with AsyncExitStack() as leaving:
        cluster = Cluster(folder / "here")
        leaving.callback(cluster.stop)
        await invent(build(settings_for(cluster.start(), PREFIX, folder)))
        stand = await opened(leaving, cluster.dsn, folder)
        server = await stand.server()
        stand.program("worker")
        load = Load(stand, server.port, random.Random(1), pace=0.2)
        leaving.push_async_callback(load.close)
        await load.prepare(PEOPLE, days=DAYS)
        load.begin()
        if following:
            follower = subprocess.Popen(command("backup", kept, "--follow"), env=environ(server.environ))
            leaving.callback(follower.kill)
            await until_followed(stand)
        began = monotonic()
        await svastha(server.environ, "backup", kept)
        told.did(f"a whole backup under load, in {monotonic() - began:.1f} s, {megabytes(kept):.0f} MB")
        await asyncio.sleep(seconds)
        gone = await destroy(cluster)
        for program in stand.programs:
            program.kill()
        told.did(f"killed PostgreSQL, server and worker {seconds} s later, and removed the data")
        await load.end()
        told.saw("clients, until all was gone", Counter({k: n for k, n in load.seen.counts.items() if k[0] == "2"}))
        if following:
            follower.terminate()
            await asyncio.to_thread(follower.wait, 20)

        began = monotonic()
        await svastha(server.environ, "restore", kept, "--into", there / "postgres" / "data")
        copy = Cluster(there)
        leaving.callback(copy.stop)
        stand = await opened(leaving, copy.start(), folder)
        server = await stand.server()
        load.ports = [server.port]
        told.well("recovery time: ten requests in a row were answered", await load.well(began, TIME), TIME)
        await verify(told, stand, load, gone, following=following)


async def verify(told: Told, stand: Stand, load: Load, gone: datetime, *, following: bool) -> None:
    rows = {row["id"]: row["status"] for row in await stand.sql("asha", "SELECT id, status FROM appointments")}
    mine = load.ids()
    missing = [id for id in mine if id not in rows]
    undone = [id for id, wish in mine.items() if wish.cancelled and rows.get(id) in TAKES_PLACE]
    [[last]] = await stand.sql(None, "SELECT pg_last_xact_replay_timestamp()")
    point = (gone - last).total_seconds()
    told.did(
        f"recovery point: {point:.2f} s before the end; {len(missing)} of {len(mine)} visits that were acknowledged"
    )
    told.did(f"are missing, and {len(undone)} cancellations with them")
    if following:
        told.holds(f"less than {POINT:.0f} s was lost", point < POINT, f"{point:.2f} s")
    else:
        told.holds("what came after the backup is missing: all was really gone", bool(missing))
    _, vault = await stand.house.routing.find("asha")
    notes = await stand.sql("asha", "SELECT appointment_id, version, content FROM notes")
    opened = [vault.open("notes", "content", f"{n['appointment_id']}/{n['version']}", n["content"]) for n in notes]
    told.holds(f"{len(opened)} sealed notes open", bool(opened) and all(opened))
    await audit(told, stand)
    load.seen.counts.clear()
    await load.finish()
    bad = {answer: n for answer, n in load.seen.counts.items() if answer.startswith(("5", "no"))}
    told.holds("work goes on: what had no clear answer is done again", not bad, bad)


async def opened(leaving: AsyncExitStack, dsn: str, folder: Path) -> Stand:
    stand = Stand(dsn, PREFIX, folder, {})
    await stand.open()
    leaving.push_async_callback(stand.close)
    return stand


async def until_followed(stand: Stand) -> None:
    async with asyncio.timeout(20):
        while not await stand.sql(None, "SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active", SLOT):
            await asyncio.sleep(0.05)  # polls another program


async def destroy(cluster: Cluster) -> datetime:
    """As if the machine had gone up in flames. Returns when."""
    processes = list(family([int((cluster.data / "postmaster.pid").read_text().split()[0])]))
    gone = datetime.now(UTC)
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(cluster.stop)
    shutil.rmtree(cluster.data)
    return gone


def command(*arguments: Any) -> list[str]:
    return [sys.executable, "-m", "svastha", *map(str, arguments)]


def environ(house: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SVASTHA_")} | house


async def svastha(house: dict[str, str], *arguments: Any) -> None:
    """A command as an operator gives it."""
    process = await asyncio.create_subprocess_exec(
        *command(*arguments), env=environ(house), stdout=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(120):
        if await process.wait():
            raise RuntimeError(f"svastha {arguments[0]} failed")


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="drill", description=sys.modules["drill"].__doc__)
    parser.add_argument("--short", action="store_true", help="less time between the backup and the end")
    set_up("error")
    sys.exit(asyncio.run(main(parser.parse_args().short)))
