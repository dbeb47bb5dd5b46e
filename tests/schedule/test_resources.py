"""Branches, and what a visit needs there beside the doctor."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx

from tests.appointments.visits import at_rao, book, posted, second_doctor
from tests.cast import IYER, World
from tests.schedule.weekly import INDIA, at, hours, monday, once, set_week


async def branch(api: httpx.AsyncClient, name: str, *rows: dict[str, Any]) -> dict[str, Any]:
    body = {"name": name, "address": "1 Camp Road", "hours": list(rows)}
    answer = await api.post("/clinics/asha/branches", json=body, headers=once())
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def room(api: httpx.AsyncClient, where: dict[str, Any], name: str = "Room 1") -> httpx.Response:
    body = {"branch_id": where["id"], "kind": "therapy_room", "name": name}
    return await api.post("/clinics/asha/resources", json=body, headers=once())


def open_hours(span: str, *weekdays: int) -> list[dict[str, Any]]:
    opens, closes = span.split("-")
    return [{"weekday": day, "opens": opens, "closes": closes} for day in weekdays]


async def test_a_branch_with_hours_and_a_break_bounds_who_works_there(world: World) -> None:
    gita, rao = await world.api("gita"), await world.api("rao")
    camp = await branch(gita, "Camp", *open_hours("09:00-12:00", 1), *open_hours("13:00-17:00", 1))
    rows = hours("10:00-14:00", 1, modes=["video"], branch_id=camp["id"])
    assert (await set_week(rao, rows)).status_code == 200
    midnight = datetime.combine(monday(2), time(), INDIA)
    free = [one.astimezone(INDIA) for one in await world.free(after=midnight - datetime.now(UTC))]
    assert [f"{one:%H:%M}" for one in free] == [
        *("10:00", "10:20", "10:40", "11:00", "11:20", "11:40"),
        *("13:00", "13:20", "13:40"),
    ]
    body = {"name": "Camp Road", "hours": open_hours("09:00-11:00", 1)}
    changed = await gita.put(f"/clinics/asha/branches/{camp['id']}", json=body)
    assert (changed.status_code, changed.json()["name"], changed.json()["address"]) == (200, "Camp Road", "")
    assert len(await world.free(after=midnight - datetime.now(UTC))) == 3
    assert (await rao.get("/clinics/asha/branches")).json()["items"] == [changed.json()]


async def test_a_branch_closes_when_nobody_works_there_any_more(world: World) -> None:
    gita, rao = await world.api("gita"), await world.api("rao")
    camp = await branch(gita, "Camp")
    taken = await gita.post("/clinics/asha/branches", json={"name": "Camp"}, headers=once())
    assert (taken.status_code, taken.json()["code"]) == (409, "branch_name_taken")
    assert (await set_week(rao, hours("10:00-14:00", 1, branch_id=camp["id"]))).status_code == 200
    refused = await gita.delete(f"/clinics/asha/branches/{camp['id']}")
    assert (refused.status_code, refused.json()["doctors"]) == (409, "Dr Meera Rao")
    assert (await set_week(rao, [])).status_code == 200
    for _ in range(2):
        assert (await gita.delete(f"/clinics/asha/branches/{camp['id']}")).status_code == 204
    answer = await set_week(rao, hours("10:00-14:00", 1, branch_id=camp["id"]))
    assert answer.json()["errors"][0]["field"] == "hours.0.branch_id"
    assert (await gita.put(f"/clinics/asha/branches/{camp['id']}", json={"name": "x"})).status_code == 404
    assert (await room(gita, camp)).status_code == 422
    [found] = (await rao.get("/clinics/asha/branches")).json()["items"]
    assert found["closed"]


async def test_what_no_branch_may_be(world: World) -> None:
    gita = await world.api("gita")
    for body, field in (
        ({"name": " "}, "name"),
        ({"name": "Camp", "hours": open_hours("10:00-09:00", 1)}, "hours.0.closes"),
        ({"name": "Camp", "hours": open_hours("09:00-12:00", 1) + open_hours("11:00-13:00", 1)}, "hours.1.opens"),
        ({"name": "Camp", "hours": open_hours("09:00-12:00", 0)}, "hours.0.weekday"),
    ):
        answer = await gita.post("/clinics/asha/branches", json=body, headers=once())
        assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field]), answer.text


async def test_a_room_is_booked_with_the_doctor_and_retires_when_nobody_needs_it(world: World) -> None:
    gita, rao = await world.api("gita"), await world.api("rao")
    camp, other = await branch(gita, "Camp"), await branch(gita, "Kothrud")
    made, elsewhere = await room(gita, camp), await room(gita, other)
    assert (made.status_code, elsewhere.status_code) == (201, 201), "a name is a branch's own"
    assert (await room(gita, camp)).json()["code"] == "resource_name_taken"
    row: dict[str, Any] = {"branch_id": camp["id"], "resources": [elsewhere.json()["id"]]}
    wrong = await set_week(rao, hours("10:00-14:00", 1, modes=["video"], **row))
    assert wrong.json()["errors"][0]["field"] == "hours.0.resources"
    row["resources"] = [made.json()["id"]]
    assert (await set_week(rao, hours("10:00-14:00", 1, modes=["video"], **row))).status_code == 200
    booked = await world.booked(at=datetime.combine(monday(2), time(10), INDIA).astimezone(UTC))
    [reserved] = await world.sql("asha", "SELECT resource_id FROM reservations WHERE appointment_id = $1", booked["id"])
    assert str(reserved["resource_id"]) == made.json()["id"]
    refused = await gita.delete(f"/clinics/asha/resources/{made.json()['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "resource_in_use")
    assert (await set_week(rao, hours("10:00-14:00", 1, branch_id=camp["id"]))).status_code == 200
    assert (await gita.delete(f"/clinics/asha/resources/{made.json()['id']}")).status_code == 204
    shown = (await rao.get("/clinics/asha/resources")).json()["items"]
    assert [(one["branch_id"], one["retired"]) for one in shown] == [(other["id"], False), (camp["id"], True)]
    assert (await set_week(rao, hours("10:00-14:00", 1, **row))).status_code == 422
    extra = {"day": monday(2).isoformat(), "closed": False, "opens": "18:00", "closes": "19:00"} | row
    answer = await rao.post(at("asha", "exceptions"), json=extra, headers=once())
    assert answer.json()["errors"][0]["field"] == "resources"


async def test_the_same_room_twice_is_no_plan(world: World) -> None:
    gita, rao = await world.api("gita"), await world.api("rao")
    camp = await branch(gita, "Camp")
    made = (await room(gita, camp)).json()["id"]
    row: dict[str, Any] = {"branch_id": camp["id"], "resources": [made, made]}
    wrong = await set_week(rao, hours("10:00-14:00", 1, **row))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "hours.0.resources")
    extra = {"day": monday(2).isoformat(), "closed": False, "opens": "18:00", "closes": "19:00"} | row
    wrong = await rao.post(at("asha", "exceptions"), json=extra, headers=once())
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "resources")


async def test_a_branch_and_its_holidays_go_by_the_clock_of_the_clinic_wherever_the_doctor_is(world: World) -> None:
    gita, rao = await world.api("gita"), await world.api("rao")
    camp = await branch(gita, "Camp", *open_hours("10:00-12:00", 2))
    rows = hours("00:00-00:00", modes=["video"], branch_id=camp["id"])
    assert (await set_week(rao, rows, zone="America/New_York")).status_code == 200
    tuesday = datetime.combine(monday(2) + timedelta(days=1), time(), INDIA)

    async def open_then() -> list[str]:
        span = {"from": (tuesday - timedelta(days=1)).isoformat(), "to": (tuesday + timedelta(days=2)).isoformat()}
        found = (await rao.get(at("asha", "calendar"), params=span)).json()["open"]
        return [f"{datetime.fromisoformat(one['starts_at']).astimezone(INDIA):%a %H:%M}" for one in found]

    assert await open_then() == ["Tue 10:00"]
    assert (await world.free(after=tuesday - datetime.now(UTC)))[0] == tuesday + timedelta(hours=10)
    body = {"day": tuesday.date().isoformat(), "name": "Diwali", "branch_id": camp["id"]}
    assert (await gita.post("/clinics/asha/holidays", json=body, headers=once())).status_code == 201
    assert await open_then() == []
    assert await world.free(after=tuesday - datetime.now(UTC)) == []


async def test_who_comes_late_and_finds_her_room_taken_is_told_so(world: World) -> None:
    await second_doctor(world)
    gita, farida = await world.api("gita"), await world.api("farida")
    camp = await branch(gita, "Camp")
    made = (await room(gita, camp)).json()["id"]
    await world.sql("asha", "UPDATE weekly_hours SET branch_id = $1, resources = ARRAY[$2::uuid]", camp["id"], made)
    missed = await world.booked()
    await world.sql("asha", "UPDATE appointments SET status = 'no_show'")
    there = at_rao(datetime.fromisoformat(missed["starts_at"]), doctor_id=str(IYER))
    assert (await book(await world.api("kavya"), there)).status_code == 201
    late = await posted(farida, missed["id"], "check-in")
    assert (late.status_code, late.json()["code"]) == (409, "time_given")
