"""Away: nothing is offered, nothing is cancelled, and whoever must hear of it does."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from svastha.domain import schedule
from svastha.domain.schedule import LeaveEnded, LeaveTaken
from svastha.doors import visit
from tests.cast import IDS, RAO, World
from tests.schedule.weekly import INDIA, at, hours, monday, once, set_week


def days(first: Any, last: Any, **more: Any) -> dict[str, Any]:
    return {"from": first.isoformat(), "to": last.isoformat()} | more


async def test_leave_of_whole_days_closes_them_and_cancels_nothing(world: World) -> None:
    rao, day = await world.api("rao"), monday(2)
    assert (await set_week(rao, hours("09:00-10:00", modes=["video"]))).status_code == 200
    booked = await world.booked(at=datetime.combine(day, time(9), INDIA).astimezone(UTC))
    preview = await rao.post(at("asha", "leave/preview"), json=days(day, day + timedelta(days=1)))
    assert preview.status_code == 200, preview.text
    assert [(one["day"], one["lost"]) for one in preview.json()["days"]] == [
        (day.isoformat(), 2),
        ((day + timedelta(days=1)).isoformat(), 3),
    ]
    assert [one["id"] for one in preview.json()["visits"]] == [booked["id"]]
    taken = await rao.post(at("asha", "leave"), json=days(day, day + timedelta(days=1), note="Wedding"), headers=once())
    assert taken.status_code == 201, taken.text
    starts, ends = (datetime.fromisoformat(taken.json()[name]).astimezone(INDIA) for name in ("starts_at", "ends_at"))
    assert (starts.date(), starts.time(), ends - starts) == (day, time(0), timedelta(days=2))
    assert await world.free(after=starts - datetime.now(UTC)) == []
    status = await world.sql("asha", "SELECT status FROM appointments WHERE id = $1", booked["id"])
    assert status[0]["status"] == "confirmed"
    farida = await world.api("farida")
    assert [one["note"] for one in (await farida.get(at("asha", "leave"))).json()["items"]] == ["Wedding"]
    for _ in range(2):
        assert (await farida.delete(at("asha", f"leave/{taken.json()['id']}"))).status_code == 204
    assert len(await world.free(after=starts - datetime.now(UTC))) == 2
    assert (await farida.get(at("asha", "leave"))).json()["items"] == []


async def test_whoever_listens_hears_of_leave_and_of_its_end_once(world: World) -> None:
    actor = await actor_named(world, "rao")
    start = datetime.now(UTC) + timedelta(days=3)
    async with visit.to_clinic(world.house, "asha") as tx:
        taken = await schedule.take_leave(tx, actor, RAO, starts_at=start, ends_at=start + timedelta(hours=4))
        assert LeaveTaken(taken.id, RAO) in [told.what for told in tx.announced]
    for said in ([LeaveEnded(taken.id, RAO)], []):
        async with visit.to_clinic(world.house, "asha") as tx:
            await schedule.end_leave(tx, actor, RAO, taken.id)
            assert [told.what for told in tx.announced if isinstance(told.what, LeaveEnded)] == said


async def actor_named(world: World, name: str) -> Any:
    from svastha.domain import accounts

    token = await world.token(name, "api")
    async with world.house.routing.reading_control() as tx:
        return await accounts.actor_of(tx, token, kind="api")


async def test_one_leave_at_a_time(world: World) -> None:
    rao, gita = await world.api("rao"), await world.api("gita")
    now = datetime.now(UTC) + timedelta(days=1)
    first = {"from": now.isoformat(), "to": (now + timedelta(hours=4)).isoformat()}
    taken = await rao.post(at("asha", "leave"), json=first, headers=once())
    assert taken.status_code == 201
    over = await gita.post(at("asha", "leave"), json=first, headers=once())
    assert (over.status_code, over.json()["code"]) == (409, "leave_overlaps")
    assert (await gita.post(at("asha", "leave/preview"), json=first)).status_code == 409
    beside = {"from": first["to"], "to": (now + timedelta(hours=5)).isoformat()}
    assert (await gita.post(at("asha", "leave"), json=beside, headers=once())).status_code == 201
    assert (await rao.delete(at("asha", f"leave/{taken.json()['id']}"))).status_code == 204
    assert (await gita.post(at("asha", "leave"), json=first, headers=once())).status_code == 201


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"from": "2026-13-01", "to": "2026-12-05"}, "from"),
        ({"from": "2020-01-01", "to": "2020-01-05"}, "to"),
        ({"from": "2099-01-01", "to": "2099-01-05"}, "from"),
        ({"from": "2099-01-05", "to": "2099-01-01"}, "to"),
        ({"from": "9999-12-31", "to": "9999-12-31"}, "to"),
        ({"from": "2099-01-05T10:00", "to": "2099-01-06"}, "from"),
        ({"from": "today", "to": "tomorrow"}, "from"),
    ],
)
async def test_what_no_leave_may_be(world: World, wish: dict[str, str], field: str) -> None:
    answer = await (await world.api("rao")).post(at("asha", "leave"), json=wish, headers=once())
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field]), answer.text


async def test_leave_that_is_over_is_not_taken_back(world: World) -> None:
    rao = await world.api("rao")
    taken = await rao.post(at("asha", "leave"), json=days(monday(), monday()), headers=once())
    await world.sql("asha", "UPDATE leaves SET starts_at = now() - interval '2 days', ends_at = now()")
    gone = await rao.delete(at("asha", f"leave/{taken.json()['id']}"))
    assert (gone.status_code, gone.json()["code"]) == (409, "leave_is_over")


async def test_whose_leave_it_is(world: World) -> None:
    wish = days(monday(), monday())
    taken = await (await world.api("farida")).post(at("asha", "leave"), json=wish, headers=once())
    assert taken.status_code == 201, "the desk may note that she called in sick"
    for name in ("ananya", "iyer", "hari"):
        api = await world.api(name)
        assert (await api.get(at("asha", "leave"))).status_code == 404
        assert (await api.post(at("asha", "leave"), json=wish, headers=once())).status_code == 404
        assert (await api.post(at("asha", "leave/preview"), json=wish)).status_code == 404
        assert (await api.delete(at("asha", f"leave/{taken.json()['id']}"))).status_code == 404
        assert (await api.get(at("asha", "calendar"))).status_code == 404


async def test_a_calendar_of_a_day_a_week_and_a_list(world: World) -> None:
    rao, day = await world.api("rao"), monday(2)
    assert (await set_week(rao, hours("09:00-12:00", 1, 3, modes=["video"]))).status_code == 200
    booked = await world.booked(at=datetime.combine(day, time(9), INDIA).astimezone(UTC))
    await rao.post(at("asha", "leave"), json=days(day + timedelta(days=2), day + timedelta(days=2)), headers=once())
    await rao.post(
        at("asha", "exceptions"),
        json={"day": day.isoformat(), "closed": True, "opens": "11:00", "closes": "12:00", "note": "Dentist"},
        headers=once(),
    )
    for name in ("rao", "farida", "gita"):
        api = await world.api(name)
        week = (await api.get(at("asha", "calendar"), params={"from": (day + timedelta(days=3)).isoformat()})).json()
        assert [(one["starts_at"], one["ends_at"]) for one in week["open"]] == [
            (f"{day}T03:30:00Z", f"{day}T05:30:00Z")
        ], name
        assert [one["id"] for one in week["visits"]] == [booked["id"]]
        assert ([one["note"] for one in week["exceptions"]], len(week["leave"])) == (["Dentist"], 1)
        assert datetime.fromisoformat(week["from"]).astimezone(INDIA).date() == day, "a week begins on Monday"
        assert (week["view"], week["zone"]) == ("week", "Asia/Kolkata")
    one = (await rao.get(at("asha", "calendar"), params={"from": day.isoformat(), "view": "day"})).json()
    assert (len(one["visits"]), one["leave"]) == (1, [])
    every = (await rao.get(at("asha", "calendar"), params={"view": "list"})).json()
    assert (len(every["visits"]), len(every["leave"]), every["open"]) == (1, 1, [])
    for wrong in ({"from": "x"}, {"from": "1999-01-01"}, {"from": day.isoformat(), "to": "2099-01-01"}, {"view": "x"}):
        assert (await rao.get(at("asha", "calendar"), params=wrong)).status_code in (400, 422), wrong
    entries = await world.sql("asha", "SELECT people FROM audit_entries WHERE account_id = $1", IDS["farida"])
    assert any(row["people"] for row in entries), "whoever reads a list of visits leaves a trace"
