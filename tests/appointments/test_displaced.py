"""The doctor takes leave: who is affected is asked, with three other times, and the desk sees who has not answered."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from svastha.kit.ids import uuid7
from tests.appointments.visits import ASHA, ask_first, at_rao, book, moved, posted, row, second_doctor, shift, steps
from tests.cast import IYER, RAO, World


async def leave(world: World, from_at: datetime, to_at: datetime, name: str = "rao") -> str:
    answer = await (await world.api(name)).post(
        f"{ASHA}/doctors/{RAO}/leave",
        json={"from": from_at.isoformat(), "to": to_at.isoformat()},
        headers={"idempotency-key": str(uuid7())},
    )
    assert answer.status_code == 201, answer.text
    await world.settle()
    return str(answer.json()["id"])


async def day_of(world: World, visit: dict[str, Any]) -> tuple[datetime, datetime]:
    at = datetime.fromisoformat(visit["starts_at"])
    return at - timedelta(hours=6), at + timedelta(hours=6)


async def waiting(client: httpx.AsyncClient) -> Any:
    return (await client.get(f"{ASHA}/displaced")).json()


async def test_three_alternatives_of_which_one_is_taken_and_the_desk_sees_it(world: World) -> None:
    await second_doctor(world)
    booked, ananya, farida = await world.booked(), await world.api("ananya"), await world.api("farida")
    await world.settle()
    start, end = await day_of(world, booked)
    await leave(world, start, end)
    [mail, _] = world.mail("ananya")
    assert "away" in mail.subject and mail.text.count("?at=") == 3 and "free of charge" in mail.text
    found = (await ananya.get(f"{ASHA}/appointments/{booked['id']}/alternatives")).json()
    assert datetime.fromisoformat(found["away"]["until_at"]) == end
    after, before, other = found["items"]
    assert after["doctor_id"] == before["doctor_id"] == str(RAO) and other["doctor_id"] == str(IYER)
    assert datetime.fromisoformat(after["starts_at"]) >= end
    assert datetime.fromisoformat(before["ends_at"]) <= start
    assert abs(datetime.fromisoformat(other["starts_at"]) - datetime.fromisoformat(booked["starts_at"])) < timedelta(
        minutes=20
    )
    assert other["fee_paise"] == 30000
    desk = await waiting(farida)
    assert [one["visit"]["id"] for one in desk["items"]] == [booked["id"]] and desk["counts"]["waiting"] == 1
    answer = await moved(ananya, booked["id"], datetime.fromisoformat(other["starts_at"]), doctor_id=str(IYER))
    assert (answer.status_code, answer.json()["fee_paise"], answer.json()["charge_percent"]) == (200, 30000, None)
    desk = await waiting(farida)
    assert (desk["items"], desk["counts"]["waiting"], desk["counts"]["moved"]) == ([], 0, 1)
    assert (await ananya.get(f"{ASHA}/appointments/{booked['id']}/alternatives")).json()["away"] is None


async def test_one_tap_from_the_message_without_signing_in(world: World) -> None:
    booked = await world.booked()
    await leave(world, *await day_of(world, booked))
    [mail] = [one for one in world.mail("ananya") if "away" in one.subject]
    path = re.search(r"http://[^/]+(/m/\S+\?at=\S+)", mail.text)
    assert path
    browser = await world.web()
    shown = await browser.get(path.group(1))
    assert shown.status_code == 200 and (await row(world, booked["id"]))["sequence"] == 0
    offered = await (await world.api("ananya")).get(f"{ASHA}/appointments/{booked['id']}/alternatives")
    wish = offered.json()["items"][0]
    form = {"action": "move", "starts_at": wish["starts_at"], "doctor_id": wish["doctor_id"]}
    answer = await browser.post(path.group(1).partition("?")[0], data=form)
    assert answer.status_code == 303, answer.text
    assert (await row(world, booked["id"]))["starts_at"] == datetime.fromisoformat(wish["starts_at"])
    assert (await waiting(await world.api("farida")))["counts"]["moved"] == 1


@pytest.mark.parametrize("minutes", [60, 600])
async def test_cancelling_instead_is_free_however_late(world: World, minutes: int) -> None:
    booked, ananya = await world.booked(), await world.api("ananya")
    await shift(world, booked["id"], timedelta(minutes=minutes))
    at = (await row(world, booked["id"]))["starts_at"]
    await leave(world, at - timedelta(minutes=30), at + timedelta(hours=1))
    cost = (await ananya.get(f"{ASHA}/appointments/{booked['id']}/cost")).json()
    gone = (await posted(ananya, booked["id"], "cancel")).json()
    assert (cost["fee_due_paise"], gone["fee_due_paise"]) == (0, 0)
    assert (await waiting(await world.api("farida")))["counts"]["cancelled"] == 1


async def test_each_answer_is_kept_and_an_ended_leave_asks_nobody_any_more(world: World) -> None:
    free = await world.free()
    names = ("ananya", "kavya", "hari")
    visits = [await world.booked(name, at=free[n]) for n, name in enumerate(names)]
    rao, farida, gita = await world.api("rao"), await world.api("farida"), await world.api("gita")
    id = await leave(world, free[0] - timedelta(hours=1), free[5], "farida")
    assert (await waiting(gita))["counts"]["waiting"] == (await waiting(rao))["counts"]["waiting"] == 3
    assert (await posted(await world.api("ananya"), visits[0]["id"], "cancel")).status_code == 200
    await posted(farida, visits[1]["id"], "check-in")
    assert (await rao.post(f"{ASHA}/appointments/{visits[1]['id']}/admit")).status_code in (200, 201, 204, 409)
    ended = await rao.delete(f"{ASHA}/doctors/{RAO}/leave/{id}")
    assert ended.status_code in (200, 204), ended.text
    await world.settle()
    counts = (await waiting(farida))["counts"]
    assert counts["waiting"] == 0 and counts["leave_ended"] + counts["seen_anyway"] == 2
    told = [mail.subject for mail in world.mail("hari") if "after all" in mail.subject]
    assert len(told) == 1 and not [mail for mail in world.mail("ananya") if "after all" in mail.subject]
    kept = await world.sql("asha", "SELECT answer, answered_by FROM displacements ORDER BY starts_at")
    assert kept[0]["answer"] == "cancelled" and kept[2]["answer"] == "leave_ended" and kept[2]["answered_by"] is None


async def test_who_is_asked_and_who_is_not(world: World) -> None:
    await ask_first(world)
    free = await world.free()
    asked = await world.booked("ananya", at=free[0])
    held = (await (await world.api("kavya")).post(f"{ASHA}/holds", json=at_rao(free[2]))).json()
    outside = await world.booked("hari", at=free[20])
    await leave(world, free[0], free[10])
    open_ones = await world.sql("asha", "SELECT appointment_id FROM displacements")
    assert [str(one["appointment_id"]) for one in open_ones] == [asked["id"]]
    assert [step["status"] for step in await steps(world, held["id"])] == ["held", "expired"]
    assert (await book(await world.api("kavya"), at_rao(free[2], hold_id=held["id"]))).status_code == 422
    assert (await row(world, outside["id"]))["status"] == "requested"
    await world.settle()
    for name in ("ananya", "kavya", "hari", "iyer", "indu"):
        assert (await (await world.api(name)).get(f"{ASHA}/displaced")).status_code == 404
    # a second leave over the same time asks once more, an answered one is not asked again by a job that runs twice
    rows = await world.sql("asha", "SELECT id FROM leaves")
    from svastha.domain import appointments, schedule
    from svastha.doors import visit

    async with visit.to_clinic(world.house, "asha") as tx:
        await appointments.displace(tx, schedule.LeaveTaken(rows[0]["id"], RAO))
    assert len(await world.sql("asha", "SELECT 1 FROM displacements")) == 1


async def test_with_nothing_free_she_is_told_so_and_without_leave_the_next_three_are_offered(world: World) -> None:
    booked, ananya = await world.booked(), await world.api("ananya")
    found = (await ananya.get(f"{ASHA}/appointments/{booked['id']}/alternatives")).json()
    assert len(found["items"]) == 3 and found["away"] is None
    assert booked["starts_at"] not in [one["starts_at"] for one in found["items"]]
    start, _ = await day_of(world, booked)
    await world.sql("asha", "DELETE FROM weekly_hours")
    await leave(world, start, start + timedelta(days=30))
    [mail] = [one for one in world.mail("ananya") if "away" in one.subject]
    assert "no other time" in mail.text and "?at=" not in mail.text
    await world.sql("asha", "UPDATE appointments SET status = 'completed' WHERE id = $1", UUID(booked["id"]))
    assert (await ananya.get(f"{ASHA}/appointments/{booked['id']}/alternatives")).json()["items"] == []


async def test_a_hold_that_becomes_a_visit_while_the_leave_is_followed_is_not_missed(world: World) -> None:
    ananya, rao = await world.api("ananya"), await world.api("rao")
    held = (await ananya.post(f"{ASHA}/holds", json=at_rao((await world.free())[0]))).json()
    from_at, to_at = await day_of(world, held)
    body = {"from": from_at.isoformat(), "to": to_at.isoformat()}
    async with world._behind.borrowed(f"{world.house.settings.database_prefix}_clinic_asha") as booking:
        await booking.execute("BEGIN")
        await booking.execute("UPDATE appointments SET status = 'confirmed', hold_expires_at = NULL")
        taken = await rao.post(f"{ASHA}/doctors/{RAO}/leave", json=body, headers={"idempotency-key": str(uuid7())})
        assert taken.status_code == 201
        worker = asyncio.create_task(world.settle())
        while not await booking.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            await asyncio.sleep(0)
        await booking.execute("COMMIT")
        await worker
    assert [one["visit"]["id"] for one in (await waiting(await world.api("farida")))["items"]] == [held["id"]]
