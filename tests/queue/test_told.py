"""What people are told while they wait, through the doors, with real visits behind it."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from svastha.doors.live.watch import Watch
from svastha.kit.ids import uuid7
from tests.cast import RAO, World
from tests.queue.test_queue import QUEUE, booked, call, done, join, order, somebody, waiting

NOW = "UPDATE appointment_steps SET at = now() - make_interval(mins => $2) WHERE appointment_id = $1 AND status = $3"


async def invented_past(world: World, *, lasting: int, count: int = 60) -> None:
    """Visits of the last weeks, which took so many minutes, though thirty were planned."""
    patient = UUID(await somebody(world))
    for k in range(count):
        began = datetime.now(UTC) - timedelta(days=3 + k // 12, minutes=25 * (k % 12))
        ended = began + timedelta(minutes=lasting + k % 3 - 1)
        id = uuid7()
        await world.sql(
            "asha",
            "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)"
            " VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz + interval '9 min', 'in_person', 'completed', 1,"
            " $2)",
            id,
            RAO,
            patient,
            began + timedelta(minutes=4),
        )
        for status, at in (("checked_in", began - timedelta(minutes=1)), ("in_progress", began), ("completed", ended)):
            await world.sql(
                "asha",
                "INSERT INTO appointment_steps (id, appointment_id, status, at) VALUES ($1, $2, $3, $4)",
                uuid7(),
                id,
                status,
                at,
            )


async def wait(world: World, id: str, name: str = "farida") -> dict[str, int]:
    found: dict[str, int] = (await done(await (await world.api(name)).get(f"{QUEUE}/{id}")))["wait"]
    return found


async def admit(world: World, id: str) -> None:
    rao = await world.api("rao")
    await done(await rao.post(f"/clinics/asha/appointments/{id}/admit"))


async def test_the_wait_comes_from_what_this_doctor_did_before(world: World) -> None:
    farida = await world.api("farida")
    ids = await waiting(world, farida, -4, -3, -2, -1)
    await admit(world, ids[0])
    planned = await wait(world, ids[3])
    await invented_past(world, lasting=8)
    learned = await wait(world, ids[3])
    assert learned["high"] - learned["low"] < planned["high"] - planned["low"]
    assert learned["low"] <= 25 <= learned["high"] < 40


async def test_a_wait_that_jumps_says_why_to_everybody_who_looks(world: World) -> None:
    farida = await world.api("farida")
    await invented_past(world, lasting=10)
    ids = await waiting(world, farida, -4, -3, -2, -1)
    await admit(world, ids[0])
    first = await wait(world, ids[3])
    assert first["cause"] is None
    urgent = [await booked(world, at=20) for _ in range(2)]
    for id in urgent:
        await join(farida, id)
        await farida.post(f"{QUEUE}/{id}/priority", json={"priority": "emergency", "why": "bleeding"})
    later = await wait(world, ids[3])
    assert later["low"] > first["low"]
    assert later["cause"] == "priority"
    assert (await wait(world, ids[3], "rao"))["cause"] == "priority"
    [board] = (await done(await farida.get(QUEUE, params={"doctor": str(RAO)})))["items"]
    assert [line["wait"]["cause"] for line in board["items"]][-1] == "priority"


async def test_a_visit_that_takes_longer_is_the_cause_of_a_longer_wait(world: World) -> None:
    farida = await world.api("farida")
    await invented_past(world, lasting=10)
    ids = await waiting(world, farida, -4, -3)
    await admit(world, ids[0])
    await wait(world, ids[1])
    # As if all of this had been 40 minutes ago.
    await world.sql("asha", NOW, UUID(ids[0]), 40, "in_progress")
    await world.sql(
        "asha",
        "UPDATE queue_entries SET shown = jsonb_set(shown, '{at}', to_jsonb(now() - interval '40 min'))"
        " WHERE shown IS NOT NULL",
    )
    assert (await wait(world, ids[1]))["cause"] == "visit_longer"


async def test_running_late_is_told_once_to_those_affected(world: World) -> None:
    rao, ananya = await world.api("rao"), await world.api("ananya")
    mine = (await world.booked("ananya", mode="in_person"))["id"]
    far = (await world.booked("kavya", mode="in_person", at=(await world.free(mode="in_person"))[4]))["id"]
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() + interval '40 min', ends_at = now() + interval '70 min'"
        " WHERE id = $1",
        UUID(mine),
    )
    await world.settle()
    before = {name: len(world.mail(name)) for name in ("ananya", "kavya")}
    for _ in range(2):
        assert (await rao.post(f"{QUEUE}/late", json={"doctor_id": str(RAO), "minutes": 20})).status_code == 204
    await world.settle()
    [message, *_] = world.mail("ananya")
    assert (len(world.mail("ananya")), len(world.mail("kavya"))) == (before["ananya"] + 1, before["kavya"]), far
    assert message.subject == "About 20 minutes later today"
    found = await done(await ananya.get(f"{QUEUE}/{mine}"))
    assert found["late_minutes"] == 20
    assert found["wait"]["low"] >= 55
    await rao.post(f"{QUEUE}/late", json={"doctor_id": str(RAO), "minutes": 0})
    await world.settle()
    assert world.mail("ananya")[0].subject == "On time again"
    assert (await done(await ananya.get(f"{QUEUE}/{mine}")))["late_minutes"] is None
    for minutes in (-1, 241):
        wrong = await rao.post(f"{QUEUE}/late", json={"doctor_id": str(RAO), "minutes": minutes})
        assert wrong.status_code == 422


async def test_what_was_said_of_being_late_is_not_told_when_it_is_no_longer_so(world: World) -> None:
    rao = await world.api("rao")
    mine = (await world.booked("ananya", mode="in_person"))["id"]
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() + interval '40 min', ends_at = now() + interval '70 min'"
        " WHERE id = $1",
        UUID(mine),
    )
    await world.settle()
    before = len(world.mail("ananya"))
    for minutes in (20, 30):
        await rao.post(f"{QUEUE}/late", json={"doctor_id": str(RAO), "minutes": minutes})
    await world.settle()
    assert [mail.subject for mail in world.mail("ananya")][: len(world.mail("ananya")) - before] == [
        "About 30 minutes later today"
    ]


async def test_a_board_follows_every_change_of_its_doctor(world: World) -> None:
    farida = await world.api("farida")
    ids = [await booked(world, at=k) for k in (1, 2)]
    assert world.app
    watch: Watch = world.app.state.watch

    async def look() -> list[int]:
        return await order(farida)

    seen = watch.looks([RAO, UUID(ids[0])], look)
    assert await anext(seen) == []
    for id, expected in zip(ids, ([1], [1, 2]), strict=True):
        await join(farida, id)
        assert await asyncio.wait_for(_until(seen, expected), 10) == expected
    await farida.post(f"{QUEUE}/{ids[0]}/skip")
    assert await asyncio.wait_for(_until(seen, [2, 1]), 10) == [2, 1]
    await call(farida)
    await seen.aclose()


async def _until(seen: object, expected: list[int]) -> list[int]:
    async for found in seen:  # type: ignore[attr-defined]
        if found == expected:
            break
    return found
