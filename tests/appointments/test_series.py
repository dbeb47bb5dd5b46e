"""A course of treatments: all or none."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
from icalendar import Calendar

from svastha.kit.ids import uuid7
from tests.appointments.visits import ASHA, ask_first, posted, row, shift
from tests.cast import RAO, World


async def wished(client: httpx.AsyncClient, times: list[datetime], **more: Any) -> httpx.Response:
    body = {"doctor_id": str(RAO), "mode": "video", "starts_at": [at.isoformat() for at in times], **more}
    return await client.post(f"{ASHA}/series", json=body, headers={"idempotency-key": str(uuid7())})


async def daily(world: World, days: int, first: int = 0) -> list[datetime]:
    at = (await world.free())[first]
    return [at + timedelta(days=n) for n in range(days)]


async def test_all_are_booked_together_and_told_of_once(world: World) -> None:
    ananya, times = await world.api("ananya"), await daily(world, 7)
    answer = await wished(ananya, times[::-1], reason="Panchakarma")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert [datetime.fromisoformat(one["starts_at"]) for one in made["items"]] == times
    assert {(one["kind"], one["series_id"], one["status"]) for one in made["items"]} == {
        ("series", made["series_id"], "confirmed")
    }
    await world.settle()
    [mail] = world.mail("ananya")
    uids = {Calendar.from_ical(one.text).walk("VEVENT")[0]["uid"] for one in mail.attachments}
    assert uids == {f"{one['id']}@svastha" for one in made["items"]} and "Panchakarma" not in mail.text
    planned = await world.sql("asha", "SELECT DISTINCT payload->>'appointment_id' FROM jobs WHERE kind LIKE '%remind'")
    assert len(planned) == 7


async def test_none_are_booked_when_one_cannot_be_and_each_is_named(world: World) -> None:
    ananya, times = await world.api("ananya"), await daily(world, 5)
    await world.booked("kavya", at=times[2])
    refused = await wished(ananya, [*times[:3], times[3] + timedelta(minutes=3), times[4]])
    assert (refused.status_code, refused.json()["code"]) == (409, "series_refused")
    found = refused.json()["times"]
    assert [(datetime.fromisoformat(one["starts_at"]), one["code"]) for one in found] == [
        (times[2], "slot_taken"),
        (times[3] + timedelta(minutes=3), "time_not_offered"),
    ]
    assert all(len(one["alternatives"]) == 3 for one in found)
    assert not await world.sql("asha", "SELECT 1 FROM appointments WHERE kind = 'series'")
    better = [times[0], times[1], datetime.fromisoformat(found[0]["alternatives"][0]["starts_at"]), times[4]]
    assert (await wished(ananya, better)).status_code == 201


async def test_the_times_of_a_series_do_not_stand_in_one_anothers_way_unnoticed(world: World) -> None:
    ananya, free = await world.api("ananya"), await world.free()
    await world.sql("asha", "UPDATE offers SET every_minutes = 10 WHERE mode = 'video'")
    close = await wished(ananya, [free[0], free[0] + timedelta(minutes=10)])
    assert close.json()["code"] == "series_refused"
    await world.sql("asha", "UPDATE offers SET daily_max = 1")
    full = await wished(ananya, [free[0], free[0] + timedelta(hours=1), free[0] + timedelta(days=1)])
    assert [one["code"] for one in full.json()["times"]] == ["slot_taken"]
    for wrong in ([free[0]], [free[0], free[0]], [free[0] + timedelta(days=n) for n in range(31)]):
        assert (await wished(ananya, wrong)).status_code in (400, 422)
    held = await ananya.post(
        f"{ASHA}/holds", json={"doctor_id": str(RAO), "mode": "video", "starts_at": free[0].isoformat()}
    )
    assert held.status_code == 201
    assert (await wished(ananya, [free[0], free[0] + timedelta(days=1)])).status_code == 201  # her own hold is hers


async def test_two_people_want_series_that_cross(world: World) -> None:
    times = await daily(world, 6)
    clients = [await world.api("ananya"), await world.api("kavya")]
    answers = await asyncio.gather(wished(clients[0], times), wished(clients[1], times[::-1]))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await world.sql("asha", "SELECT 1 FROM appointments WHERE kind = 'series'")) == 6


async def test_the_rest_is_cancelled_together_and_one_alone(world: World) -> None:
    ananya, kavya, farida = await world.api("ananya"), await world.api("kavya"), await world.api("farida")
    made = (await wished(ananya, await daily(world, 5))).json()["items"]
    assert (await posted(ananya, made[1]["id"], "cancel")).status_code == 200
    assert (await posted(kavya, made[2]["id"], "cancel-rest")).status_code == 404
    assert [one["id"] for one in (await posted(farida, made[3]["id"], "cancel-rest")).json()["items"]] == [
        made[3]["id"],
        made[4]["id"],
    ]
    assert (await row(world, made[2]["id"]))["status"] == "confirmed"
    await shift(world, made[0]["id"], timedelta(minutes=50))
    gone = (await posted(ananya, made[0]["id"], "cancel-rest")).json()["items"]
    assert [(one["id"], one["charge_percent"]) for one in gone] == [(made[0]["id"], 50), (made[2]["id"], 0)]
    assert (await posted(ananya, made[0]["id"], "cancel-rest")).json()["items"] == []
    alone = await world.booked("kavya", at=(await world.free())[-1])
    assert (await posted(farida, alone["id"], "cancel-rest")).status_code == 404


async def test_where_the_clinic_answers_first_each_of_them_is_a_request(world: World) -> None:
    await ask_first(world)
    ananya, farida, times = await world.api("ananya"), await world.api("farida"), await daily(world, 3)
    made = (await wished(ananya, times)).json()["items"]
    assert {one["status"] for one in made} == {"requested"}
    assert (await posted(farida, made[1]["id"], "confirm")).json()["status"] == "confirmed"
    hers = await wished(farida, [at + timedelta(hours=2) for at in times], patient_id=made[0]["patient_id"])
    assert {one["status"] for one in hers.json()["items"]} == {"confirmed"}
