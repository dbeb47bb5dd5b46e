"""Days that are not like others: taken back and moved, past midnight, said twice at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.cast import IYER, RAO, World
from tests.morning import ZONE
from tests.queue.test_queue import QUEUE, booked, call, done, join, order, second_doctor, waiting

AT = "/clinics/asha/appointments"


async def yesterday(world: World) -> None:
    """Midnight has passed since they came."""
    await world.sql(
        "asha", "INSERT INTO queue_days (doctor_id, day, last_no) SELECT doctor_id, day - 1, last_no FROM queue_days"
    )
    await world.sql("asha", "UPDATE queue_entries SET day = day - 1")
    await world.sql(
        "asha", "UPDATE appointments SET starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day'"
    )
    await world.sql(
        "asha",
        "DELETE FROM queue_days d WHERE (doctor_id, day) NOT IN (SELECT doctor_id, day FROM queue_entries)",
    )


@pytest.mark.parametrize("doctor", [RAO, IYER])
async def test_who_was_not_here_after_all_and_was_moved_is_in_the_other_queue(world: World, doctor: UUID) -> None:
    await second_doctor(world)
    farida = await world.api("farida")
    [id] = await waiting(world, farida, 30)
    await done(await farida.post(f"{AT}/{id}/undo-check-in"))
    later = datetime.now(UTC) + timedelta(days=2)
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = $2, ends_at = $2::timestamptz + interval '10 min', doctor_id = $3"
        " WHERE id = $1",
        UUID(id),
        later,
        doctor,
    )
    today = (await done(await farida.get(QUEUE)))["items"]
    assert [line for board in today for line in board["items"]] == []
    day = later.astimezone(ZoneInfo(ZONE)).date().isoformat()
    then = (await done(await farida.get(QUEUE, params={"day": day})))["items"]
    assert [(board["doctor_id"], line["number"]) for board in then for line in board["items"]] == [(str(doctor), None)]


async def test_two_desks_that_call_after_midnight_never_call_the_same(world: World) -> None:
    farida, gita = await world.api("farida"), await world.api("gita")
    await waiting(world, farida, *range(1, 9))
    await yesterday(world)
    called = await asyncio.gather(*(call(client) for client in (farida, gita) * 4))
    assert sorted(one["number"] for one in called) == list(range(1, 9))


async def test_whoever_is_skipped_after_midnight_lets_two_go_first(world: World) -> None:
    farida = await world.api("farida")
    ids = await waiting(world, farida, -4, -3)
    await yesterday(world)
    await join(farida, await booked(world, at=-2))
    assert (await farida.post(f"{QUEUE}/{ids[0]}/skip")).status_code == 204
    assert await order(farida) == [2, 3, 1], "and no number is given twice"
    [row] = await world.sql(
        "asha",
        "SELECT count(*) FROM queue_entries e JOIN queue_entries o ON o.due_at < e.due_at"
        " WHERE e.skipped_at IS NOT NULL",
    )
    assert row[0] == 2


async def test_who_is_said_to_be_here_by_two_at_once_keeps_her_call(world: World) -> None:
    farida = await world.api("farida")
    id = await booked(world, at=5)
    async with world.house.connections.borrowed((await world.house.routing.find("asha"))[0].database) as other:
        begun = other.transaction()
        await begun.start()
        await other.execute("UPDATE appointments SET status = 'checked_in' WHERE id = $1", UUID(id))
        second = asyncio.create_task(join(farida, id))
        while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"):
            await asyncio.sleep(0.02)
        day = await other.fetchval("SELECT (now() AT TIME ZONE $1)::date", ZONE)
        await other.execute("INSERT INTO queue_days (doctor_id, day, last_no) VALUES ($1, $2, 1)", RAO, day)
        await other.execute(
            "INSERT INTO queue_entries (appointment_id, doctor_id, day, no, how, arrived_at, due_at,"
            " first_due_at, called_at, called_by, calls)"
            " VALUES ($1, $2, $3, 1, 'qr', now(), now(), now(), now(), $2, 1)",
            UUID(id),
            RAO,
            day,
        )
        await begun.commit()
        found = await second
    assert (found["number"], found["called"]) == (1, True)


async def test_a_patient_does_not_say_that_the_desk_saw_her(world: World) -> None:
    ananya = await world.api("ananya")
    mine = (await world.booked("ananya", mode="in_person"))["id"]
    await ananya.post(f"{QUEUE}/join", json={"appointment_id": mine, "how": "desk"})
    [row] = await world.sql("asha", "SELECT how FROM queue_entries")
    assert row["how"] != "desk"


async def test_taking_back_a_priority_leaves_a_skip(world: World) -> None:
    farida = await world.api("farida")
    ids = await waiting(world, farida, 1, 2, 3, 4)
    await farida.post(f"{QUEUE}/{ids[0]}/skip")
    await farida.post(f"{QUEUE}/{ids[0]}/priority", json={"priority": "elderly", "why": "80"})
    assert await order(farida) == [1, 2, 3, 4]
    await farida.post(f"{QUEUE}/{ids[0]}/priority", json={"priority": "none"})
    assert await order(farida) == [1, 2, 3, 4]


async def test_after_midnight_those_who_wait_hear_that_the_doctor_is_late(world: World) -> None:
    farida = await world.api("farida")
    mine = (await world.booked("ananya", mode="in_person"))["id"]
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() - interval '2 h', ends_at = now() - interval '1 h' WHERE id = $1",
        UUID(mine),
    )
    await join(farida, mine)
    await yesterday(world)
    await world.settle()
    before = len(world.mail("ananya"))
    assert (await farida.post(f"{QUEUE}/late", json={"doctor_id": str(RAO), "minutes": 20})).status_code == 204
    await world.settle()
    assert len(world.mail("ananya")) == before + 1


async def test_nobody_is_handed_to_a_doctor_who_may_not_see_patients(world: World) -> None:
    await second_doctor(world)
    farida = await world.api("farida")
    [id] = await waiting(world, farida, 1)
    await world.sql("asha", "UPDATE practitioners SET bookable = false WHERE doctor_id = $1", IYER)
    answer = await farida.post(f"{QUEUE}/{id}/transfer", json={"doctor_id": str(IYER), "why": "x"})
    assert answer.status_code in (404, 409, 422), answer.text


async def test_coming_and_being_let_in_leave_the_worker_nothing_to_do(world: World) -> None:
    """Nobody's time changes by it; the end of a visit is for the directory to hear of."""
    rao, farida = await world.api("rao"), await world.api("farida")
    id = (await world.booked(mode="in_person"))["id"]
    await world.settle()
    due = "SELECT count(*) FROM jobs WHERE run_at <= now()"
    await join(farida, id)
    await done(await rao.post(f"{AT}/{id}/admit"))
    assert (await world.sql("asha", due))[0][0] == 0
    await done(await rao.post(f"{AT}/{id}/complete"))
    assert (await world.sql("asha", due))[0][0] > 0
