"""What several workers and many people do to one line."""

import asyncio
from datetime import datetime

import httpx

from svastha.kit.ids import uuid7
from tests.cast import RAO, World
from tests.waiting_list.waiting import (
    LIST,
    crowd,
    entry,
    frees,
    full,
    joins,
    offers,
    runs_out,
    says,
    two_workers,
)


async def test_one_time_for_twenty_who_wait_is_offered_once(world: World) -> None:
    [at] = await full(world)
    people = await crowd(world, 20)
    ids = [(await joins(one))["id"] for one in people]
    await two_workers(world)
    await frees(world, at)
    for n in (1, 2, 3):
        await asyncio.gather(two_workers(world), two_workers(world))
        rows = await offers(world)
        assert [str(row["entry_id"]) for row in rows] == ids[:n], "in order of joining"
        assert [row["answer"] for row in rows] == ["lapsed"] * (n - 1) + [None]
        await runs_out(world)


async def test_a_storm_of_cancellations_reaches_ten_people_in_order(world: World) -> None:
    times = await full(world, times=10)
    people = await crowd(world, 12)
    ids = [(await joins(one))["id"] for one in people]
    await two_workers(world)
    await asyncio.gather(frees(world, *times), two_workers(world))
    await two_workers(world)
    rows = await offers(world)
    assert sorted(str(row["entry_id"]) for row in rows) == sorted(ids[:10])
    assert sorted(row["starts_at"] for row in rows) == sorted(times)
    answers = await asyncio.gather(*(says(one, id, "accept") for one, id in zip(people, ids, strict=True)))
    assert [answer.status_code for answer in answers] == [201] * 10 + [409] * 2
    await two_workers(world)
    assert not await world.sql("asha", "SELECT 1 FROM jobs WHERE set_aside_at IS NOT NULL OR last_error IS NOT NULL")


async def test_yes_no_leaving_and_running_out_at_once_leave_nothing_doubled(world: World) -> None:
    starts = await full(world, times=8)
    people, visitors = await crowd(world, 16), await crowd(world, 4, called="visitor")
    ids = [(await joins(one))["id"] for one in people]
    await frees(world, *starts)
    for _ in range(3):
        await two_workers(world)
        line = list(zip(people, ids, strict=True))
        await asyncio.gather(
            *(says(one, id, "accept") for one, id in line[0::4]),
            *(says(one, id, "decline") for one, id in line[1::4]),
            *(one.delete(f"{LIST}/{id}") for one, id in line[2::8]),
            *(book(one, at) for one, at in zip(visitors + people[3::4], starts, strict=True)),
            runs_out(world),
            two_workers(world),
            two_workers(world),
        )
    await two_workers(world)
    rows = await offers(world)
    live = await world.sql(
        "asha", "SELECT starts_at FROM appointments WHERE status IN ('held', 'confirmed') ORDER BY starts_at"
    )
    assert len({row["starts_at"] for row in live}) == len(live), "no time is two people's"
    open_now = [row["patient_id"] for row in rows if row["answer"] is None]
    assert len(open_now) == len(set(open_now))
    assert {row["status"] for row in rows if row["answer"] == "taken"} <= {"confirmed"}
    assert {row["status"] for row in rows if row["answer"] is None} <= {"held"}
    for one, id in zip(people, ids, strict=True):
        found = await entry(one, id)
        assert (found["state"] == "taken") == any(offer["answer"] == "taken" for offer in found["offers"])
        assert len({offer["starts_at"] for offer in found["offers"]}) == len(found["offers"]), "no time twice"
    assert not await world.sql("asha", "SELECT 1 FROM jobs WHERE set_aside_at IS NOT NULL")


async def book(client: httpx.AsyncClient, at: datetime) -> None:
    """As anybody may; it is a matter of luck."""
    time = {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": "video"}
    answer = await client.post("/clinics/asha/appointments", json=time, headers={"idempotency-key": str(uuid7())})
    assert answer.status_code in (201, 409), answer.text


async def test_yes_in_the_last_moment_is_one_visit_or_none(world: World) -> None:
    """Each time somebody says yes while her offer runs out and the next in line is looked for."""
    [at] = await full(world)
    people = await crowd(world, 4)
    ids = [(await joins(one))["id"] for one in people]
    await frees(world, at)
    await world.settle()
    for one, id in zip(people, ids, strict=True):
        if (await entry(one, id))["state"] != "offered":
            break
        answer, *_ = await asyncio.gather(says(one, id, "accept"), runs_out(world), two_workers(world))
        await two_workers(world)
        visits = await world.sql("asha", "SELECT 1 FROM appointments WHERE starts_at = $1 AND status = 'confirmed'", at)
        assert len(visits) == (1 if answer.status_code == 201 else 0)
        if visits:
            break
    assert len([row for row in await offers(world) if row["answer"] in (None, "taken")]) <= 1
