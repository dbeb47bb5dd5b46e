"""Jobs: each subscriber on its own, retried, set aside after eight tries, never in the way of others."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from svastha.domain.appointments import HoldEnds
from svastha.doors import visit
from svastha.doors.bell import Ring
from svastha.doors.jobs.seal_audit import seal_audit
from svastha.doors.jobs.worker import Worker
from svastha.kit import outbox
from svastha.kit.ids import uuid7
from tests.cast import World


async def put(world: World, kind: str) -> None:
    await world.sql("asha", "INSERT INTO jobs (id, kind, payload) VALUES ($1, $2, '{}')", uuid7(), kind)


async def test_a_poisoned_job_is_set_aside_and_stops_nobody(world: World) -> None:
    await put(world, "nobody.handles_this")
    await world.booked("ananya")
    for _ in range(outbox.PATIENCE + 1):
        await world.settle()
        await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'nobody.handles_this'")
    [job] = await world.sql(
        "asha", "SELECT attempts, set_aside_at, last_error FROM jobs WHERE kind = 'nobody.handles_this'"
    )
    assert (job["attempts"], job["last_error"]) == (outbox.PATIENCE, "LookupError")
    assert job["set_aside_at"]
    assert len(world.mail("ananya")) == 1


async def test_two_workers_do_a_job_once(world: World) -> None:
    await world.sql("asha", "DELETE FROM jobs")  # what the cast left for later may fall due at any hour
    for _ in range(30):
        await world.sql(
            "asha",
            "INSERT INTO jobs (id, kind, payload) VALUES ($1, 'appointments.expire_hold', $2)",
            uuid7(),
            {"appointment_id": str(uuid7())},
        )
    counts = await asyncio.gather(*(Worker(world.house).drain("asha") for _ in range(4)))
    assert sum(counts) == 30
    [row] = await world.sql("asha", "SELECT count(*) FROM jobs WHERE kind = 'appointments.expire_hold'")
    assert row[0] == 0


async def test_a_lease_that_ran_out_is_taken_over_and_the_late_one_undoes(world: World) -> None:
    """A worker that was only slow comes back after another has done its job: its own work must not count."""
    async with visit.to_clinic(world.house, "asha") as tx:
        outbox.later(tx, HoldEnds(uuid7()), run_at=datetime.now(UTC))
    async with visit.to_clinic(world.house, "asha") as tx:
        [slow] = [job for job in await outbox.claim(tx, most=50) if job.kind == "appointments.expire_hold"]
    await world.sql("asha", "UPDATE jobs SET leased_until = now() - interval '1 s'")
    await world.settle()
    async with visit.to_clinic(world.house, "asha") as tx:
        assert not await outbox.done(tx, slow)


async def test_the_same_key_is_one_job(world: World) -> None:
    for _ in range(2):
        async with visit.to_clinic(world.house, "asha") as tx:
            outbox.later(tx, HoldEnds(uuid7()), run_at=datetime.now(UTC), key="same")
    [row] = await world.sql("asha", "SELECT count(*) FROM jobs WHERE key LIKE '%:same'")
    assert row[0] == 1


async def test_a_job_nobody_rang_for_is_found_by_what_was_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("svastha.doors.jobs.worker.SWEEP_SECONDS", 0.2)
    worker, left = Worker(world.house), "SELECT count(*) FROM jobs WHERE kind = 'appointments.expire_hold'"
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        while worker._busy or not worker._written or "asha" not in worker._tidied:
            await asyncio.sleep(0.05)
        await world.sql(
            "asha",
            "INSERT INTO jobs (id, kind, payload) VALUES ($1, 'appointments.expire_hold', $2)",
            uuid7(),
            {"appointment_id": str(uuid7())},
        )
        await world.sql("asha", "SELECT pg_stat_force_next_flush()")
        while (await world.sql("asha", left))[0][0]:
            await asyncio.sleep(0.05)
    worker.stop()
    await running


async def test_more_clinics_than_connections_are_looked_after_in_turn(world: World) -> None:
    """None of them waits for a connection so long that its jobs fail."""
    worker = Worker(world.house)
    worker._places = 1
    worker._busy["nadi"] = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
    assert not worker._may_begin("asha") and not worker._may_begin("nadi") and worker._may_begin(None)
    worker._busy.pop("nadi").cancel()
    assert worker._may_begin("asha")


async def test_a_look_at_an_idle_clinic_is_no_reason_for_another_one(world: World) -> None:
    """It writes where the audit of the control database has come to. PostgreSQL counts that, as it counts all else."""
    await world.settle()
    await seal_audit(world.house, None)
    worker, counted = Worker(world.house), "SELECT tup_inserted + tup_updated FROM pg_stat_database WHERE datname = $1"
    name = (await world.sql("asha", "SELECT current_database()"))[0][0]
    async with asyncio.timeout(60):
        while True:  # until what was written before is counted
            await world.sql("asha", "DELETE FROM audit_anchors")
            before = worker._written["asha"] = (await world.sql("asha", counted, name))[0][0]
            worker._sealed.clear()
            await worker._look_after("asha")
            if worker._written["asha"] == (await world.sql("asha", counted, name))[0][0] > before:
                break


async def test_what_is_for_later_rings_no_bell(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Ring] = []
    monkeypatch.setattr(world.house.bell, "ring", rung.append)
    for minutes in (2, 0):
        async with visit.to_clinic(world.house, "asha") as tx:
            outbox.later(tx, HoldEnds(uuid7()), run_at=datetime.now(UTC) + timedelta(minutes=minutes))
    assert rung == [Ring("asha", jobs=True)]
