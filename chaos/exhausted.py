"""All connections to a clinic's database are stuck behind a lock, and more people come than there are places."""

import asyncio
from time import monotonic

import asyncpg

from chaos.ground import Ground
from chaos.load import Load
from chaos.told import Told, p95
from chaos.truths import all_kept

FIRST, AFTERWARDS, LONGEST = 6.0, 1.5, 13.0  # seconds: p95 of all refusals, of those once it is known, the longest


async def run(ground: Ground, told: Told) -> None:
    seconds, people = (8, 40) if ground.short else (20, 60)
    async with ground.stand() as stand:
        server = await stand.server()
        load = Load(stand, server.port, ground.dice, pace=0.5)
        await load.prepare(people, days=6)
        load.begin(notes=False)
        await asyncio.sleep(2)
        owner = await asyncpg.connect(stand.dsn, database=f"{stand.prefix}_clinic_asha")
        neighbours: list[float] = []
        came = {answer: len(every) for answer, every in load.seen.seconds.items()}
        async with owner.transaction():
            await owner.execute("LOCK TABLE appointments IN ACCESS EXCLUSIVE MODE")
            began = monotonic()
            while monotonic() - began < seconds:
                asked = monotonic()
                said, _ = await load.ask("GET", "/clinics/nadi/appointments", load.somebody)
                if said == "200":
                    neighbours.append(monotonic() - asked)
                await asyncio.sleep(0.2)
            during = {answer: every[came.get(answer, 0) :] for answer, every in load.seen.seconds.items()}
        healed = monotonic()
        await owner.close()
        told.did(f"a lock on the table of visits of one clinic for {seconds} s, {people} people, 8 places")
        told.saw("clients meanwhile", load.seen.counter(during))
        refusals = during.get("503", [])
        told.measured("refusals", refusals)
        late = refusals[len(refusals) // 2 :]
        told.measured("refusals of the second half, when it is known that there are no places", late)
        told.measured("answers of another clinic meanwhile", neighbours)
        await load.well()
        told.well("every request was answered as it should be", monotonic() - healed)
        await load.end()
        told.holds("people are told to come again", len(refusals) > 0)
        told.holds(f"p95 of the refusals is below {FIRST} s", bool(refusals) and p95(refusals) < FIRST)
        told.holds(f"afterwards below {AFTERWARDS} s", bool(late) and p95(late) < AFTERWARDS)
        slowest = max(max(every, default=0) for every in load.seen.seconds.values())
        told.holds(f"nobody waits longer than {LONGEST:.0f} s", slowest < LONGEST, f"{slowest:.1f} s")
        told.holds("another clinic is served all the time", len(neighbours) > seconds)
        await load.finish()
        await all_kept(told, stand, load, mails=False)
        await load.close()
