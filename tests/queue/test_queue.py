"""A day at the desk: numbers, whose turn it is, and who may change it."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from svastha.domain import patients, schedule
from svastha.doors import visit
from svastha.kit.ids import uuid7
from tests.cast import IDS, IYER, RAO, World
from tests.morning import ZONE

QUEUE = "/clinics/asha/queue"


async def somebody(world: World, name: str = "Somebody") -> str:
    """A patient the desk has written down."""
    async with visit.to_clinic(world.house, "asha") as tx:
        return str(await patients.register(tx, account_id=None, name=name, email=""))


async def booked(world: World, *, at: float, doctor: UUID = RAO, patient: str | None = None) -> str:
    """A confirmed visit so many minutes from now."""
    id = uuid7()
    await world.sql(
        "asha",
        "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by,"
        " placed) VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz + interval '10 min', 'in_person', 'confirmed',"
        " 40000, $2, 'squeezed')",
        id,
        doctor,
        UUID(patient or await somebody(world)),
        datetime.now(UTC) + timedelta(minutes=at),
    )
    return str(id)


async def second_doctor(world: World) -> None:
    async with visit.to_clinic(world.house, "asha") as tx:
        await schedule.practise(
            tx,
            doctor_id=IYER,
            name="Dr Arvind Iyer",
            zone="Asia/Kolkata",
            offers=[schedule.Offer("in_person", 20, 30000)],
        )


async def done(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def join(client: httpx.AsyncClient, id: str) -> Any:
    return await done(await client.post(f"{QUEUE}/join", json={"appointment_id": id}))


async def call(client: httpx.AsyncClient, doctor: UUID = RAO, *, status: int = 200) -> Any:
    asked = {"doctor_id": str(doctor)}
    return await done(
        await client.post(f"{QUEUE}/call-next", json=asked, headers={"idempotency-key": str(uuid7())}), status
    )


async def rules(world: World, **changed: Any) -> None:
    for name, value in changed.items():
        await world.sql("asha", f"UPDATE house_rules SET {name} = $1", value)


async def order(client: httpx.AsyncClient, doctor: UUID = RAO) -> list[int]:
    """Numbers of those who wait, in order."""
    [board] = (await done(await client.get(QUEUE, params={"doctor": str(doctor)})))["items"]
    return [line["number"] for line in board["items"] if line["status"] == "checked_in"]


async def waiting(world: World, client: httpx.AsyncClient, *times: float) -> list[str]:
    """People who arrive now, one after the other, booked for these minutes from now."""
    ids = [await booked(world, at=at) for at in times]
    for number, id in enumerate(ids, 1):
        assert (await join(client, id))["number"] == number
    return ids


async def test_thirty_who_arrive_at_once_get_thirty_numbers(world: World) -> None:
    farida = await world.api("farida")
    ids = [await booked(world, at=k) for k in range(30)]
    given = await asyncio.gather(*(join(farida, id) for id in ids))
    assert sorted(one["number"] for one in given) == list(range(1, 31))
    again = await asyncio.gather(*(join(farida, id) for id in ids))
    assert [one["number"] for one in again] == [one["number"] for one in given]


async def test_two_desks_that_call_at_once_never_call_the_same(world: World) -> None:
    farida, gita = await world.api("farida"), await world.api("gita")
    await waiting(world, farida, *range(1, 11))
    called = await asyncio.gather(*(call(client) for client in (farida, gita) * 5))
    assert sorted(one["number"] for one in called) == list(range(1, 11))
    assert (await call(farida, status=409))["code"] == "nobody_waits"


async def test_a_call_that_is_sent_again_calls_nobody_else(world: World) -> None:
    farida = await world.api("farida")
    await waiting(world, farida, 1, 2)
    answers = [
        await farida.post(f"{QUEUE}/call-next", json={"doctor_id": str(RAO)}, headers={"idempotency-key": "one"})
        for _ in range(2)
    ]
    assert [answer.json()["number"] for answer in answers] == [1, 1]
    assert answers[1].headers["idempotency-replayed"] == "true"


async def test_walk_ins_and_booked_visits_stand_in_one_order(world: World) -> None:
    farida = await world.api("farida")
    await waiting(world, farida, 30, 5)
    walked = await farida.post(
        f"{QUEUE}/walk-in",
        json={"patient_id": await somebody(world), "doctor_id": str(RAO)},
        headers={"idempotency-key": "w"},
    )
    found = await done(walked, 201)
    assert (found["number"], found["status"]) == (3, "checked_in")
    assert await order(farida) == [3, 2, 1]
    [row] = await world.sql(
        "asha",
        "SELECT placed, kind, fee_paise, ends_at - starts_at AS lasts FROM appointments WHERE placed = 'walk_in'",
    )
    assert (row["placed"], row["kind"], row["fee_paise"], row["lasts"]) == (
        "walk_in",
        "first",
        40000,
        timedelta(minutes=30),
    )
    steps = await world.sql(
        "asha",
        "SELECT status FROM appointment_steps WHERE appointment_id = $1 ORDER BY id",
        UUID(found["appointment_id"]),
    )
    assert [step["status"] for step in steps] == ["confirmed", "checked_in"]


async def test_nobody_is_in_two_places(world: World) -> None:
    farida, patient = await world.api("farida"), await somebody(world)
    await booked(world, at=5, patient=patient)
    answer = await farida.post(
        f"{QUEUE}/walk-in",
        json={"patient_id": patient, "doctor_id": str(RAO)},
        headers={"idempotency-key": "w"},
    )
    assert (await done(answer, 409))["code"] == "already_booked"


@pytest.mark.parametrize(("rule", "expected"), [("keep", [4, 1, 2, 3]), ("after", [1, 2, 4, 3]), ("end", [1, 2, 3, 4])])
async def test_who_comes_late_stands_where_the_clinic_says(world: World, rule: str, expected: list[int]) -> None:
    farida = await world.api("farida")
    await rules(world, late_rule=rule)
    late = await booked(world, at=-30)
    await waiting(world, farida, 1, 2, 3)
    await join(farida, late)
    assert await order(farida) == expected


async def test_at_the_end_means_behind_those_who_were_there_before(world: World) -> None:
    farida = await world.api("farida")
    await rules(world, late_rule="end")
    late = await booked(world, at=-30)
    await waiting(world, farida, -1, -2)
    await join(farida, late)
    assert await order(farida) == [2, 1, 3]


async def test_who_was_missed_and_comes_after_all_is_late(world: World) -> None:
    farida = await world.api("farida")
    late = await booked(world, at=-30)
    await world.sql("asha", "UPDATE appointments SET status = 'no_show' WHERE id = $1", UUID(late))
    await waiting(world, farida, 1, 2, 3)
    assert (await join(farida, late))["number"] == 4
    assert await order(farida) == [1, 2, 4, 3]


async def test_who_must_not_wait_goes_first_for_a_reason_that_is_kept(world: World) -> None:
    farida, rao = await world.api("farida"), await world.api("rao")
    ids = await waiting(world, farida, 1, 2, 3, 4)
    for id, priority in ((ids[2], "elderly"), (ids[3], "emergency"), (ids[1], "pregnant")):
        answer = await farida.post(f"{QUEUE}/{id}/priority", json={"priority": priority, "why": "bleeding"})
        assert answer.status_code == 204
    assert await order(rao) == [4, 2, 3, 1]
    wrong = await farida.post(f"{QUEUE}/{ids[0]}/priority", json={"priority": "elderly", "why": "  "})
    assert (await done(wrong, 422))["errors"][0]["field"] == "why"
    [board] = (await done(await rao.get(QUEUE)))["items"]
    assert board["items"][0]["priority_why"] == "bleeding"
    rows = await world.sql("asha", "SELECT priority_why FROM queue_entries WHERE priority_why IS NOT NULL")
    assert not any(b"bleeding" in row["priority_why"] for row in rows)
    await rao.post(f"{QUEUE}/{ids[3]}/priority", json={"priority": "none"})
    assert await order(rao) == [2, 3, 1, 4]


async def test_who_is_not_there_lets_two_go_first_unless_she_is_called_back(world: World) -> None:
    farida = await world.api("farida")
    ids = await waiting(world, farida, 1, 2, 3, 4)
    assert (await call(farida))["number"] == 1
    assert (await done(await farida.post(f"{QUEUE}/{ids[0]}/recall")))["calls"] == 2
    await farida.post(f"{QUEUE}/{ids[0]}/skip")
    assert await order(farida) == [2, 3, 1, 4]
    await farida.post(f"{QUEUE}/{ids[0]}/recall")
    assert await order(farida) == [1, 2, 3, 4]
    await farida.post(f"{QUEUE}/{ids[0]}/skip")
    assert [(await call(farida))["number"] for _ in range(4)] == [2, 3, 1, 4]


async def test_an_emergency_that_is_not_there_is_skipped_like_others(world: World) -> None:
    farida = await world.api("farida")
    ids = await waiting(world, farida, 1, 2, 3)
    await farida.post(f"{QUEUE}/{ids[0]}/priority", json={"priority": "emergency", "why": "pain"})
    await farida.post(f"{QUEUE}/{ids[0]}/skip")
    assert await order(farida) == [2, 3, 1]


async def test_another_doctor_takes_somebody_over(world: World) -> None:
    await second_doctor(world)
    farida = await world.api("farida")
    ids = await waiting(world, farida, 1, 2)
    await join(farida, await booked(world, at=3, doctor=IYER))
    moved = await farida.post(f"{QUEUE}/{ids[0]}/transfer", json={"doctor_id": str(IYER), "why": "Knows her better"})
    assert (await done(moved))["doctor_id"] == str(IYER)
    assert (await order(farida), await order(farida, IYER)) == ([2], [2, 1])
    [step] = await world.sql("asha", "SELECT why FROM appointment_steps WHERE why IS NOT NULL")
    assert step["why"] == "Knows her better"
    again = await farida.post(f"{QUEUE}/{ids[0]}/transfer", json={"doctor_id": str(IYER), "why": "x"})
    assert (await done(again, 409))["code"] == "same_doctor"
    to_come = await booked(world, at=9)
    early = await farida.post(f"{QUEUE}/{to_come}/transfer", json={"doctor_id": str(IYER), "why": "x"})
    assert (await done(early, 409))["code"] == "not_waiting"


async def test_the_numbers_of_a_day_begin_at_the_midnight_of_the_clinic(world: World) -> None:
    """Whatever the server's day is, and that of the doctor."""
    farida, there = await world.api("farida"), ZoneInfo(ZONE)
    midnight = datetime.combine(datetime.now(there).date() + timedelta(days=3), time(), there)
    given = {}
    for hours in (-1.5, -0.5, 0.5, 4.5):
        at = (midnight + timedelta(hours=hours) - datetime.now(UTC)).total_seconds() / 60
        given[hours] = (await join(farida, await booked(world, at=at)))["number"]
    assert given == {-1.5: 1, -0.5: 2, 0.5: 1, 4.5: 2}


STRANGERS = ["iyer", "hari", "kavya", "indu", None]


@pytest.mark.parametrize("name", STRANGERS)
async def test_for_strangers_there_is_no_queue(world: World, name: str | None) -> None:
    farida, stranger = await world.api("farida"), await world.api(name)
    [id] = await waiting(world, farida, 1)
    key = {"idempotency-key": "x"}
    asked = [
        await stranger.get(QUEUE),
        await stranger.get(f"{QUEUE}/{id}"),
        await stranger.post(f"{QUEUE}/join", json={"appointment_id": id}),
        await stranger.post(f"{QUEUE}/call-next", json={"doctor_id": str(RAO)}, headers=key),
        await stranger.post(f"{QUEUE}/{id}/skip"),
        await stranger.post(f"{QUEUE}/{id}/recall"),
        await stranger.post(f"{QUEUE}/{id}/priority", json={"priority": "elderly", "why": "x"}),
        await stranger.post(f"{QUEUE}/{id}/transfer", json={"doctor_id": str(RAO), "why": "x"}),
        await stranger.post(f"{QUEUE}/late", json={"doctor_id": str(RAO), "minutes": 10}),
    ]
    assert {answer.status_code for answer in asked} == {404 if name else 401}
    assert await order(farida) == [1]


async def test_a_patient_sees_her_own_place_and_moves_nobody(world: World) -> None:
    farida, ananya = await world.api("farida"), await world.api("ananya")
    await waiting(world, farida, -1)
    mine = (await world.booked("ananya", mode="in_person"))["id"]
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() + interval '5 min', ends_at = now() + interval '15 min'"
        " WHERE id = $1",
        UUID(mine),
    )
    found = await join(ananya, mine)
    assert (found["number"], found["ahead"], found["called"]) == (2, 1, False)
    assert found["wait"]["low"] <= found["wait"]["high"]
    for step in ("skip", "recall"):
        assert (await ananya.post(f"{QUEUE}/{mine}/{step}")).status_code == 404
    assert (await ananya.get(QUEUE)).status_code == 404
    await call(farida)
    await call(farida)
    assert (await done(await ananya.get(f"{QUEUE}/{mine}")))["called"] is True


async def test_a_doctor_runs_her_own_queue_alone(world: World) -> None:
    await second_doctor(world)
    farida, rao = await world.api("farida"), await world.api("rao")
    other = await booked(world, at=1, doctor=IYER)
    await join(farida, other)
    for answer in (
        await rao.get(QUEUE, params={"doctor": str(IYER)}),
        await rao.post(f"{QUEUE}/{other}/skip"),
        await rao.post(f"{QUEUE}/call-next", json={"doctor_id": str(IYER)}, headers={"idempotency-key": "x"}),
    ):
        assert answer.status_code == 404
    assert [board["doctor_id"] for board in (await done(await rao.get(QUEUE)))["items"]] == [str(RAO)]
    assert len((await done(await farida.get(QUEUE)))["items"]) == 2


async def test_the_screen_shows_numbers_and_nobody(world: World) -> None:
    farida, nobody = await world.api("farida"), await world.api()
    await waiting(world, farida, 1, 2, 3)
    await call(farida)
    answer = await nobody.get("/clinics/asha/screen")
    [shown] = (await done(answer))["items"]
    assert (shown["called"], shown["next"]) == ([1], [2, 3])
    assert "Somebody" not in answer.text
    assert IDS["farida"].hex not in answer.text
