"""All connections to a clinic's database are stuck behind a lock, and more people come than there are places."""

import asyncio
from time import monotonic

import asyncpg

from chaos.ground import Ground
from chaos.load import BUSY, Load
from chaos.told import BACK, Seen, Told, p95
from chaos.truths import all_kept

FIRST, AFTERWARDS, LONGEST = 6.0, 1.5, 13.0  # seconds: p95 of all refusals, of those once it is known, the longest
ELSEWHERE = 1.0  # seconds: p95 of another clinic; whoever stands in the same queue waits 5


async def run(ground: Ground, told: Told) -> None:
    seconds, people = (8, 40) if ground.short else (20, 60)
    async with ground.stand() as stand:
        server = await stand.server()
        load = Load(stand, server.port, ground.dice, pace=1.0)
        await load.prepare(people, days=6)
        load.begin(notes=False)
        await load.under_way()
        owner = await asyncpg.connect(stand.dsn, database=f"{stand.prefix}_clinic_asha")
        neighbours = Seen()
        came = {answer: len(every) for answer, every in load.seen.seconds.items()}
        async with owner.transaction():
            await owner.execute("LOCK TABLE appointments IN ACCESS EXCLUSIVE MODE")
            began = monotonic()
            while monotonic() - began < seconds:
                asked = monotonic()
                said, _ = await load.ask("GET", "/clinics/nadi/appointments", load.somebody)
                neighbours.add(said, monotonic() - asked)
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
        told.saw("another clinic meanwhile", neighbours.counts)
        told.measured("answers of another clinic", neighbours.seconds["200"])
        told.well("every request was answered as it should be", await load.well(healed), BACK)
        await load.end()
        told.holds("people are told to come again", len(refusals) > 0)
        told.holds(f"p95 of the refusals is below {FIRST} s", bool(refusals) and p95(refusals) < FIRST)
        told.holds(f"afterwards below {AFTERWARDS} s", bool(late) and p95(late) < AFTERWARDS)
        slowest = max(max(every, default=0) for every in load.seen.seconds.values())
        told.holds(f"nobody waits longer than {LONGEST:.0f} s", slowest < LONGEST, f"{slowest:.1f} s")
        told.holds("another clinic is served all the time", set(neighbours.counts) == {"200"}, neighbours.counts)
        served = p95(neighbours.those(""))
        told.holds(f"p95 of its answers is below {ELSEWHERE} s", served < ELSEWHERE, f"{served:.2f} s")
        await load.finish()
        await all_kept(told, stand, load, [BUSY], mails=False)
        await load.close()
