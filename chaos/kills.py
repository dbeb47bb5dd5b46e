"""The server, the worker, PostgreSQL and single backends of it killed with -9, at random moments, under load."""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from time import monotonic

from chaos.ground import Ground
from chaos.load import BUSY, GONE, IN_PROGRESS, Load
from chaos.program import Program
from chaos.stand import Stand
from chaos.told import BACK, DRAINED, Told
from chaos.truths import all_kept

# Of a hundred. A server takes longest to come back.
SHARES = {"server": 16, "worker": 34, "PostgreSQL": 25, "a backend of PostgreSQL": 25}
PATIENCE = 60.0  # seconds until somebody was answered again, while everybody comes back at once


async def run(ground: Ground, told: Told) -> None:
    kills, people = (8, 8) if ground.short else (100, 12)
    async with ground.stand() as stand:
        server = await stand.server()
        worker = stand.program("worker")
        load = Load(stand, server.port, ground.dice, pace=0.6)
        await load.prepare(people, days=8 if ground.short else 30)
        load.begin()
        began, done = monotonic(), Counter[str]()
        waits = list[float]()
        left = [whom for whom, share in SHARES.items() for _ in range(max(1, share * kills // 100))]
        planned = Counter(left)
        ground.dice.shuffle(left)
        while left:
            waits.append(await answered(load))
            if waits[-1] >= PATIENCE:
                break
            await asyncio.sleep(ground.dice.uniform(0, 1))
            if kill(ground, left[-1], server, worker):
                done[left.pop()] += 1
        last = monotonic()
        told.did(
            f"{sum(done.values())} kills in {last - began:.0f} s under the load of {people} people: "
            + ", ".join(f"{whom} {count} times" for whom, count in sorted(done.items()))
        )
        await server.ready()
        await stand.answers()
        told.holds("all of them were done", done == planned, f"{done} {stand.last_words()}")
        told.measured("until three more requests were answered as they should be", waits)
        told.well("somebody was answered after each kill", max(waits), PATIENCE)
        told.well("after the last, every request was answered as it should be", await load.well(last), BACK)
        await load.end()
        told.saw("clients", load.seen.counts)
        told.measured("answers that were no refusal", load.seen.those("2"))
        await load.finish()
        await settled(told, stand)
        await all_kept(told, stand, load, [BUSY, IN_PROGRESS, *GONE])
        await load.close()


async def answered(load: Load) -> float:
    """Waits until something was done again, or time is up: what is down already cannot be killed in the middle of it.
    Returns for how many seconds."""
    before, began = load.good, monotonic()
    while load.good < before + 3 and monotonic() - began < PATIENCE:
        await asyncio.sleep(0.01)
    return monotonic() - began


def kill(ground: Ground, whom: str, server: Program, worker: Program) -> bool:
    """False when it was not there at this moment."""
    if whom == "PostgreSQL":
        return ground.signal_postgres(signal.SIGKILL)
    if whom == "a backend of PostgreSQL":
        children = ground.postgres()[1:]
        with contextlib.suppress(ProcessLookupError):
            if children:
                os.kill(ground.dice.choice(children), signal.SIGKILL)
        return bool(children)
    program = server if whom == "server" else worker
    if not program.up:
        return False
    program.kill()
    return True


async def settled(told: Told, stand: Stand) -> None:
    [held] = await stand.sql("asha", "SELECT count(*) FROM jobs WHERE leased_until > now()")
    told.did(f"the leases of {held[0]} jobs whose worker was killed were ended by hand; they last 2 minutes")
    told.well("all jobs were done", await stand.drained(DRAINED), DRAINED)
