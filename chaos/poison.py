"""Jobs that fail whenever they are tried, one that its worker dies of, and a person who looks after them."""

import asyncio
import os
import sys
from time import monotonic

from bench.stand import ran
from chaos.ground import Ground
from chaos.stand import Stand
from chaos.told import Told
from svastha.kit import outbox
from svastha.kit.ids import uuid7

UNKNOWN, UNREADABLE, DEADLY = "nobody.handles_this", "appointments.expire_hold", "appointments.remind"
PUT = "INSERT INTO jobs (id, kind, payload) VALUES ($1, $2, '{\"poisoned\": true}')"
LONGEST = 30.0  # seconds for jobs as they are every day
STATE = "SELECT id::text, kind, attempts, last_error, set_aside_at IS NOT NULL AS aside FROM jobs WHERE id = ANY($1)"


async def run(ground: Ground, told: Told) -> None:
    async with ground.stand() as stand:
        ids = {kind: uuid7() for kind in (UNKNOWN, UNREADABLE, DEADLY)}
        for kind, id in ids.items():
            await stand.sql("asha", PUT, id, kind)
        await stand.sql(
            "asha",
            "UPDATE jobs SET attempts = $2, leased_until = now() - interval '1 s' WHERE id = $1",
            ids[DEADLY],
            outbox.PATIENCE,
        )
        worker = stand.program("worker")
        await stand.world.settle()  # what the cast left
        began = monotonic()
        others = await healthy(stand, 20)
        told.well("20 other jobs were done beside them", monotonic() - began, LONGEST)
        told.holds("others are done meanwhile", others == 0, f"{others} left")
        while not await aside(stand, list(ids.values())) and monotonic() - began < 60:
            await stand.sql("asha", "UPDATE jobs SET run_at = now() WHERE id = ANY($1)", list(ids.values()))
            await stand.ring("asha")
            await asyncio.sleep(0.1)
        told.did(f"one of a kind nobody handles, one with contents nobody can read, one that {outbox.PATIENCE} workers")
        told.did("died of; pauses between attempts (2, 4, 8 … s) cut short by hand")
        rows = {row["kind"]: row for row in await stand.sql("asha", STATE, list(ids.values()))}
        for kind, why in ((UNKNOWN, "LookupError"), (UNREADABLE, "ValidationError"), (DEADLY, "worker_died")):
            row = rows[kind]
            told.holds(f"{kind} is set aside, and why: {why}", row["aside"] and row["last_error"] == why, dict(row))
        told.holds("the worker is the same process as before", worker.up)
        await by_hand(told, stand, ids[UNKNOWN], ids[UNREADABLE])
        await asyncio.to_thread(worker.stop)


async def aside(stand: Stand, ids: list[object]) -> bool:
    return all(row["aside"] for row in await stand.sql("asha", STATE, ids))


async def healthy(stand: Stand, count: int) -> int:
    """Jobs as they are every day. Returns how many are left when time is up."""
    mine = [uuid7() for _ in range(count)]
    for id in mine:
        await stand.sql(
            "asha",
            "INSERT INTO jobs (id, kind, payload) VALUES ($1, 'appointments.expire_hold', $2::text::jsonb)",
            id,
            f'{{"appointment_id": "{id}"}}',
        )
    await stand.ring("asha")
    left, until = count, monotonic() + LONGEST
    while left and monotonic() < until:
        await asyncio.sleep(0.1)
        [row] = await stand.sql("asha", "SELECT count(*) FROM jobs WHERE id = ANY($1)", mine)
        left = row[0]
    return left


async def by_hand(told: Told, stand: Stand, again: object, gone: object) -> None:
    """As an operator: list, retry one, drop another."""

    async def jobs(*arguments: str) -> str:
        environ = {**os.environ, **stand.programs[0].environ}
        return await ran(sys.executable, "-m", "svastha", "jobs", *arguments, within=120, **environ)

    shown = await jobs("list", "--clinic", "asha")
    told.holds("`svastha jobs list` shows all three", shown.strip().endswith("3 set aside"), shown)
    await jobs("retry", str(again))
    await jobs("drop", "--yes", str(gone))
    until = monotonic() + 20
    while monotonic() < until:
        rows = {row["id"]: row for row in await stand.sql("asha", STATE, [again, gone])}
        if rows[str(again)]["attempts"] > 0:
            break
        await asyncio.sleep(0.1)
    told.holds("the one retried is tried again", 0 < rows[str(again)]["attempts"] < outbox.PATIENCE)
    told.holds("the one dropped is gone", str(gone) not in rows)
