"""The clock of the server, then of the worker, an hour ahead and an hour behind, while that of PostgreSQL is right."""

import asyncio
from datetime import timedelta
from time import monotonic

from chaos.ground import Ground
from chaos.load import Load, Wish
from chaos.stand import Stand
from chaos.told import DRAINED, Told
from chaos.truths import all_kept
from svastha.domain import accounts
from svastha.doors import visit
from svastha.kit.ids import uuid7
from tests.cast import RAO

STEPS = (("an hour ahead", 3600), ("right again", 0), ("an hour behind", -3600), ("right again", 0))
SOON = 30.0  # seconds: the sweep of the worker comes every 20


async def run(ground: Ground, told: Told) -> None:
    async with ground.stand() as stand:
        clocks = {whose: stand.folder / f"clock-{whose}" for whose in ("server", "worker")}
        for clock in clocks.values():
            clock.write_text("0")
        server = await stand.server(entry=("-m", "chaos.stepped", str(clocks["server"])))
        stand.program("worker", entry=("-m", "chaos.stepped", str(clocks["worker"])))
        load = Load(stand, server.port, ground.dice)
        await load.prepare(8, days=12)
        load.begin()
        await load.under_way()
        await load.end()  # their tokens are of the right hour
        told.did("clocks stepped inside the process (time-machine); that of PostgreSQL, which keeps promises, is right")
        for says, seconds in STEPS:
            clocks["server"].write_text(str(seconds))
            await asyncio.sleep(1)
            await holds_last(told, stand, load, says)
            await tokens_last(told, load, says, seconds)
        for says, seconds in STEPS if not ground.short else STEPS[2:]:
            clocks["worker"].write_text(str(seconds))
            await asyncio.sleep(1)
            await jobs_come(told, stand, says)
        told.saw("clients", load.seen.counts)
        await load.finish()
        told.well("all jobs were done", await stand.drained(DRAINED), DRAINED)
        await all_kept(told, stand, load, ["401 not_signed_in"])
        await load.close()


async def holds_last(told: Told, stand: Stand, load: Load, says: str) -> None:
    """Ten minutes by the clock of PostgreSQL, whatever the server's says."""
    token = await signed_in(stand, load)
    wish = Wish(token, {"doctor_id": str(RAO), "starts_at": load.take().isoformat(), "mode": "video"})
    _, answer = await load.ask("POST", "/clinics/asha/holds", token, json=wish.body)
    id = answer.json()["id"] if answer is not None and answer.status_code == 201 else None
    rows = await stand.sql("asha", "SELECT hold_expires_at - now() AS lasts FROM appointments WHERE id = $1", id)
    lasts = rows[0]["lasts"] if rows else None
    told.holds(
        f"server {says}: a time is held for ten minutes",
        lasts is not None and timedelta(minutes=9) < lasts <= timedelta(minutes=10),
        lasts,
    )
    load.wishes.append(wish)
    said = await load.book(wish)
    told.holds(f"server {says}: and booked", said == "201", said)


async def signed_in(stand: Stand, load: Load) -> str:
    """Her token is of the server's making, and of its clock."""
    [(id, _)] = await stand.crowd(1)
    async with visit.to_control(stand.house) as tx:
        begun = await accounts.open_session(tx, id, kind="api", second_factor=False)
    _, answer = await load.ask("POST", "/auth/refresh", "", json={"refresh_token": begun.refresh_token})
    token: str = answer.json()["access_token"] if answer is not None and answer.is_success else ""
    return token


async def tokens_last(told: Told, load: Load, says: str, seconds: int) -> None:
    """A signed token is good for 15 minutes by the server's own clock; its holder buys the next one."""
    said, _ = await load.ask("GET", "/clinics/asha/appointments", load.somebody)
    wanted = ("401 not_signed_in", "200") if seconds > 0 else ("200",)
    told.holds(f"server {says}: a token answers {' or '.join(wanted)}", said in wanted, said)


async def jobs_come(told: Told, stand: Stand, says: str) -> None:
    """One due in three seconds by the clock of PostgreSQL. The worker looks at once, and then has to come back."""
    id = uuid7()
    await stand.sql(
        "asha",
        "INSERT INTO jobs (id, kind, payload, run_at) VALUES ($1, 'appointments.expire_hold',"
        " json_build_object('appointment_id', $1::uuid)::jsonb, now() + interval '3 s')",
        id,
    )
    began = monotonic()
    await stand.ring("asha")
    while monotonic() - began < SOON + 5:
        if not await stand.sql("asha", "SELECT 1 FROM jobs WHERE id = $1", id):
            break
        await asyncio.sleep(0.2)
    took = monotonic() - began
    told.holds(
        f"worker {says}: a job is done when it is due, not before and soon after", 2.5 < took < SOON, f"{took:.1f} s"
    )
