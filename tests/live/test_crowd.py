"""Many who follow one queue, and what they may cost."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from svastha.domain import appointments, queue
from svastha.doors.live import boards
from tests.cast import IYER, RAO, World
from tests.live.test_boards import BOARD, SCREEN, follow, until
from tests.queue.test_queue import QUEUE, booked, call, done, join, second_doctor


async def test_a_hundred_screens_are_looked_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "MOST", 100)
    looks, real = 0, queue.screen

    async def counted(tx: Any) -> Any:
        nonlocal looks
        looks += 1
        return await real(tx)

    monkeypatch.setattr(queue, "screen", counted)
    farida, id = await world.api("farida"), await booked(world, at=5)
    async with AsyncExitStack() as open_ones:
        streams = [await open_ones.enter_async_context(await follow(world, None, SCREEN)) for _ in range(100)]
        for stream in streams:
            await until(stream, "Nobody is called at the moment")
        looks = 0
        await join(farida, id)
        for stream in streams:
            await until(stream, ">1<")
        assert looks < 10
        async with await follow(world, None, SCREEN) as more:
            assert more.status == 429
    async with await follow(world, None, SCREEN) as again:
        assert again.status == 200


async def test_a_queue_is_looked_at_once_for_all_whom_it_concerns(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await second_doctor(world)
    farida, id = await world.api("farida"), await booked(world, at=5)
    path = f"/c/asha/visits/{(await world.booked('ananya', mode='in_person'))['id']}/live"
    looks, real = list[Any](), queue.today

    async def counted(tx: Any, doctors: Any) -> Any:
        looks.extend(doctors)
        return await real(tx, doctors)

    monkeypatch.setattr(queue, "today", counted)
    async with AsyncExitStack() as open_ones:
        boards = [
            await open_ones.enter_async_context(await follow(world, who, BOARD))
            for who in ["farida", "gita", "rao"] * 4
        ]
        patient = await open_ones.enter_async_context(await follow(world, "ananya", path))
        for stream in (*boards, patient):
            await stream.hear()
        looks.clear()
        await join(farida, id)
        for stream in boards:
            await until(stream, "1 waiting")
        assert set(looks) == {RAO}, "nobody has rung about the other doctor"
        assert len(looks) <= 2, "one for the visit's ring and one for the queue's, should they come apart"


async def test_a_turn_of_others_reads_the_queue_and_not_her_visit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, real = 0, appointments.seen_by

    async def counted(*given: Any, **more: Any) -> Any:
        nonlocal reads
        reads += more.get("trace") is False
        return await real(*given, **more)

    farida, mine = await world.api("farida"), await world.booked("ananya", mode="in_person")
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() + interval '5 min', ends_at = now() + interval '35 min'",
    )
    before = [await booked(world, at=-minutes) for minutes in (3, 2, 1)]
    for id in (*before, mine["id"]):
        await join(farida, id)
    monkeypatch.setattr(appointments, "seen_by", counted)
    async with await follow(world, "ananya", f"/c/asha/visits/{mine['id']}/live") as stream:
        await until(stream, "3 people are before you.")
        for id, said in zip(before, ("2 people are", "1 person is", "Nobody is"), strict=True):
            await done(await farida.post(f"/clinics/asha/appointments/{id}/cancel", json={"why": "went home"}))
            await until(stream, f"{said} before you.")
        assert reads <= 2, "once to begin with, and once more if it was told of her own joining late"


async def test_who_goes_to_another_doctor_follows_that_queue(world: World) -> None:
    await second_doctor(world)
    farida, mine = await world.api("farida"), await world.booked("ananya", mode="in_person")
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() + interval '5 min', ends_at = now() + interval '35 min'",
    )
    await join(farida, mine["id"])
    path = f"/c/asha/visits/{mine['id']}/live"
    async with await follow(world, "ananya", path) as stream:
        await until(stream, "Nobody is before you.")
        why = {"doctor_id": str(IYER), "why": "Knows her"}
        await done(await farida.post(f"{QUEUE}/{mine['id']}/transfer", json=why))
        with pytest.raises(EOFError):
            await until(stream, "never said")
    async with await follow(world, "ananya", path) as stream:
        await until(stream, "Nobody is before you.")
        other = await booked(world, at=-1, doctor=IYER)
        await join(farida, other)
        await until(stream, "1 person is before you.")


async def test_her_turn_is_said_aloud_once(world: World) -> None:
    farida, mine = await world.api("farida"), await world.booked("ananya", mode="in_person")
    await world.sql("asha", "UPDATE appointments SET starts_at = now(), ends_at = now() + interval '30 min'")
    await join(farida, mine["id"])
    async with await follow(world, "ananya", f"/c/asha/visits/{mine['id']}/live") as stream:
        assert "aria-live" not in await until(stream, "Your place"), "or every minute is read out"
        await call(farida, RAO)
        await until(stream, "It is your turn. Please come in.", "<section")
        assert await stream.hear() == {"event": "toast", "data": "It is your turn. Please come in."}
