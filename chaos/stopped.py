"""PostgreSQL frozen where it stands, and then shut down, each for a while, under load."""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from statistics import median
from time import monotonic

from chaos.ground import Ground
from chaos.load import BUSY, IN_PROGRESS, Load
from chaos.told import BACK, DRAINED, Told
from chaos.truths import all_kept

QUICK = 3.0  # seconds until half of them are told to come again
LONGEST = 21.0  # seconds for who waited for a place, and was in the middle of something when it froze


async def run(ground: Ground, told: Told) -> None:
    seconds, people = (20, 24) if ground.short else (30, 24)

    async def frozen() -> None:
        ground.signal_postgres(signal.SIGSTOP, all=True)
        await asyncio.sleep(seconds)
        ground.signal_postgres(signal.SIGCONT, all=True)

    async def away() -> None:
        await ground.shut_down()
        await asyncio.sleep(seconds)
        await ground.start_again()

    async with ground.stand() as stand:
        server = await stand.server()
        stand.program("worker")
        load = Load(stand, server.port, ground.dice, pace=0.6)
        await load.prepare(people, days=8 if ground.short else 20)
        load.begin()
        await load.under_way()
        for how, breaking in (("frozen", frozen), ("shut down", away)):
            await one(told, load, f"{how} for {seconds} s", breaking)
            await asyncio.sleep(3)
        await load.end()
        told.saw("clients, in all", load.seen.counts)
        await load.finish()
        await stand.answers()
        told.well("all jobs were done", await stand.drained(DRAINED), DRAINED)
        await all_kept(told, stand, load, [BUSY, IN_PROGRESS])
        await load.close()


async def one(told: Told, load: Load, what: str, breaking: Callable[[], Awaitable[None]]) -> None:
    before, came = Counter(load.seen.counts), {answer: len(s) for answer, s in load.seen.seconds.items()}
    await breaking()
    healed = monotonic()
    told.did(f"PostgreSQL {what}")
    during = load.seen.counts - before
    refusals = load.seen.seconds["503"][came.get("503", 0) :]
    told.saw("clients meanwhile", during)
    told.measured("refusals", refusals)
    told.well("requests were answered again by themselves", await load.well(healed), BACK)
    slow = max([max(s[came.get(answer, 0) :], default=0) for answer, s in load.seen.seconds.items()])
    told.holds("people are told to come again", during["503"] > 0)
    told.holds(f"half of the refusals come within {QUICK:.0f} s", bool(refusals) and median(refusals) < QUICK)
    told.holds(f"nobody waits longer than {LONGEST:.0f} s", slow < LONGEST, f"{slow:.1f} s")
