"""A doctor's week as it is set over the API, and what is refused of it."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from svastha.domain import schedule
from svastha.doors import visit
from tests.cast import IYER, RAO, World
from tests.schedule.weekly import BOTH, INDIA, at, at_nadi_too, hours, monday, once, set_week

VIDEO = {"mode": "video", "minutes": 30, "fee_paise": 50000}


async def clocks(world: World, day: Any, mode: str = "video") -> list[str]:
    start = datetime.combine(day, time(), INDIA)
    async with visit.to_clinic(world.house, "asha") as tx:
        free = await schedule.free_times(tx, [RAO], from_at=start, to_at=start + timedelta(days=1), mode=mode)  # type: ignore[arg-type]
    return [f"{one.starts_at.astimezone(INDIA):%H:%M}" for one in free]


async def test_a_week_with_breaks_and_offers_is_set_read_and_offered(world: World) -> None:
    rao, farida = await world.api("rao"), await world.api("farida")
    answer = await set_week(
        rao,
        hours("09:00-13:00", 1, 2) + hours("22:00-02:00", 7, modes=["video"]),
        breaks=[{"weekday": 1, "opens": "10:30", "closes": "11:00"}],
        offers=[{**VIDEO, "before_minutes": 5, "after_minutes": 5, "every_minutes": 40, "notice_minutes": 0}],
    )
    assert answer.status_code == 200, answer.text
    read = await farida.get(at("asha"))
    assert read.json() == answer.json(), "the desk reads what the doctor has set"
    assert read.headers["etag"] == f'"{read.json()["version"]}"'
    assert read.json()["hours"][0] == hours("09:00-13:00", 1, branch_id=None, resources=[])[0]
    assert await clocks(world, monday(2)) == ["00:00", "00:40", "01:20", "09:00", "09:40", "11:00", "11:40", "12:20"]
    await world.settle()
    [shown] = await world.sql(None, "SELECT minutes FROM listing_offers WHERE doctor_id = $1", RAO)
    assert shown["minutes"] == 30, "the directory knows"
    again = await set_week(rao, hours("09:00-13:00", 1, 2))
    assert [offer["mode"] for offer in again.json()["offers"]] == ["video"], "what is left out stays"


async def test_two_editors_do_not_overwrite_each_other(world: World) -> None:
    rao, gita = await world.api("rao"), await world.api("gita")
    tag = (await gita.get(at("asha"))).headers["etag"]
    assert (await set_week(rao, hours("09:00-13:00"))).status_code == 200
    late = await gita.put(at("asha"), json={"hours": hours("10:00-14:00")}, headers={"if-match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "availability_changed")
    newer = (await rao.get(at("asha"))).json()
    assert (late.json()["version"], newer["hours"][0]["opens"]) == (newer["version"], "09:00")
    blind = await gita.put(at("asha"), json={"hours": []})
    assert blind.status_code == 428
    tag = f'"{newer["version"]}"'
    both = await asyncio.gather(
        *(
            one.put(at("asha"), json={"hours": hours(span)}, headers={"if-match": tag})
            for one, span in ((rao, "08:00-09:00"), (gita, "18:00-19:00"))
        )
    )
    assert sorted(answer.status_code for answer in both) == [200, 412]


@pytest.mark.parametrize(
    ("rows", "more", "field"),
    [
        (hours("13:00-09:00", 1), {}, "hours.0.closes"),  # twenty hours over midnight: swapped
        (hours("09:00-09:00", 1), {}, "hours.0.closes"),
        (hours("09:00-13:00", 1) + hours("12:00-15:00", 1), {}, "hours.1.opens"),
        (hours("22:00-03:00", 7) + hours("02:00-05:00", 1), {}, "hours.1.opens"),  # over the end of the week
        (hours("09:00-13:00", 8), {}, "hours.0.weekday"),
        (hours("09:00-13:00", 10**20), {}, "hours.0.weekday"),
        (hours("09:00-13:00", 1, modes=[]), {}, "hours.0.modes"),
        (hours("09:00-13:00", 1, branch_id=str(RAO)), {}, "hours.0.branch_id"),
        (hours("09:00-13:00", 1, resources=[str(RAO)]), {}, "hours.0.resources"),
        (hours("09:00-10:00") * 9, {}, "hours"),
        (hours("09:00-13:00", 1), {"breaks": [{"weekday": 2, "opens": "10:00", "closes": "10:30"}]}, "breaks.0.opens"),
        (hours("09:00-13:00", 1), {"breaks": [{"weekday": 1, "opens": "12:45", "closes": "13:15"}]}, "breaks.0.opens"),
        (
            hours("09:00-13:00", 1),
            {
                "breaks": [
                    {"weekday": 1, "opens": "10:00", "closes": "11:00"},
                    {"weekday": 1, "opens": "10:30", "closes": "11:30"},
                ]
            },
            "breaks.1.opens",
        ),
        ([], {"zone": "Mars/Olympus"}, "zone"),
        ([], {"offers": [VIDEO, VIDEO]}, "offers"),
        ([], {"offers": [{**VIDEO, "minutes": 4}]}, "offers.0.minutes"),
        ([], {"offers": [{**VIDEO, "fee_paise": -1}]}, "offers.0.fee_paise"),
        ([], {"offers": [{**VIDEO, "areas": ["411"]}]}, "offers.0.travel_minutes"),
        ([], {"offers": [{**VIDEO, "mode": "home_visit", "areas": ["x"]}]}, "offers.0.areas"),
        ([], {"offers": [{**VIDEO, "notice_minutes": 10**18}]}, "offers.0.notice"),
        ([], {"offers": [{**VIDEO, "horizon_days": 0}]}, "offers.0.horizon"),
    ],
)
async def test_what_no_week_may_be(world: World, rows: list[Any], more: dict[str, Any], field: str) -> None:
    rao = await world.api("rao")
    before = (await rao.get(at("asha"))).json()
    answer = await set_week(rao, rows, **more)
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field]), answer.text
    assert (await rao.get(at("asha"))).json() == before
    preview = await rao.post(at("asha", "availability/preview"), json={"hours": rows, **more})
    assert preview.status_code == 422


async def test_clock_times_that_are_none(world: World) -> None:
    for span in ("24:00-25:00", "9-10", "09:00-०९:३०", "09:00:30-10:00"):
        answer = await set_week(await world.api("rao"), hours(span, 1))
        assert answer.status_code == 422, span


async def test_whose_hours_they_are(world: World) -> None:
    week = {"hours": hours("09:00-13:00")}
    for name, doctor, clinic, may_read, may_set in (
        ("rao", RAO, "asha", 200, 200),
        ("gita", RAO, "asha", 200, 200),
        ("farida", RAO, "asha", 200, 404),
        ("rao", IYER, "nadi", 404, 404),
        ("hari", RAO, "asha", 404, 404),
        ("gita", IYER, "asha", 404, 404),
        ("ananya", RAO, "asha", 404, 404),
    ):
        api = await world.api(name)
        read = await api.get(at(clinic, doctor=doctor))
        tag = read.headers.get("etag", '"0"')
        put = await api.put(at(clinic, doctor=doctor), json=week, headers={"if-match": tag})
        seen = await api.post(at(clinic, "availability/preview", doctor=doctor), json=week)
        assert (read.status_code, put.status_code, seen.status_code) == (may_read, may_set, may_set), name
    await at_nadi_too(world)
    rao = await world.api("rao")
    assert (await rao.get(at("nadi"))).status_code == 200, "her own at her other clinic"
    assert (await rao.get(at("nadi", doctor=IYER))).status_code == 404, "a colleague's are not hers"
    assert (await rao.put(at("nadi", doctor=IYER), json=week, headers={"if-match": '"1"'})).status_code == 404


async def test_a_preview_says_what_would_change_and_for_whom_and_changes_nothing(world: World) -> None:
    rao = await world.api("rao")
    assert (await set_week(rao, hours("09:00-12:00", 1, 2, modes=["video"]))).status_code == 200
    day = monday(2)
    kept = await world.booked(at=datetime.combine(day, time(9), INDIA).astimezone(UTC))
    gone = await world.booked("kavya", at=datetime.combine(day, time(11), INDIA).astimezone(UTC))
    before = (await rao.get(at("asha"))).json()
    audited = await world.sql("asha", "SELECT count(*) FROM audit_entries WHERE action = 'change'")
    week = {"hours": hours("09:00-11:00", 1, modes=["video"]) + hours("09:00-13:00", 2, modes=["video"])}
    preview = await rao.post(at("asha", "availability/preview"), json=week)
    assert preview.status_code == 200, preview.text
    changes = {one["day"]: (one["gained"], one["lost"]) for one in preview.json()["days"]}
    assert changes[day.isoformat()] == (0, 2), "one of the three that go was taken already"
    assert changes[(day + timedelta(days=1)).isoformat()] == (3, 0)
    assert [one["id"] for one in preview.json()["visits"]] == [gone["id"]] != [kept["id"]]
    assert preview.json()["visits"][0]["patient_name"] == "Kavya Deshpande"
    assert (await rao.get(at("asha"))).json() == before
    assert await world.sql("asha", "SELECT count(*) FROM audit_entries WHERE action = 'change'") == audited
    assert (await set_week(rao, week["hours"])).status_code == 200
    assert await clocks(world, day) == ["09:20", "09:40", "10:00", "10:20", "10:40"]
    status = await world.sql("asha", "SELECT status FROM appointments WHERE id = $1", gone["id"])
    assert status[0]["status"] == "confirmed", "what is booked stays"


async def test_exceptions_close_and_open_days_once_or_again_and_again(world: World) -> None:
    rao = await world.api("rao")
    assert (await set_week(rao, hours("09:00-10:00", 1, 2, modes=["video"]))).status_code == 200
    day = monday(2)
    closed = {"day": day.isoformat(), "closed": True, "repeats": "weekly", "every": 2}
    extra = {"day": day.isoformat(), "closed": False, "opens": "18:00", "closes": "18:40", "modes": ["video"]}
    preview = await rao.post(at("asha", "exceptions/preview"), json=closed)
    assert preview.json()["days"][0] == {
        "day": day.isoformat(),
        "doctor_id": str(RAO),
        "mode": "video",
        "gained": 0,
        "lost": 3,
    }
    made = await rao.post(at("asha", "exceptions"), json=closed, headers=once())
    assert made.status_code == 201, made.text
    assert (await rao.post(at("asha", "exceptions"), json=extra, headers=once())).status_code == 201
    assert await clocks(world, day) == [], "what is closed is closed, whatever else opens"
    assert await clocks(world, day + timedelta(days=7)) == ["09:00", "09:20", "09:40"]
    assert await clocks(world, day + timedelta(days=14)) == []
    found = (await rao.get(at("asha", "exceptions"))).json()["items"]
    assert [(one["closed"], one["opens"]) for one in found] == [(False, "18:00"), (True, None)]
    gone = await rao.delete(at("asha", f"exceptions/{made.json()['id']}"))
    assert gone.status_code == 204
    assert await clocks(world, day) == ["09:00", "09:20", "09:40", "18:00", "18:20"]
    assert (await rao.delete(at("asha", f"exceptions/{made.json()['id']}"))).status_code == 404


async def test_an_exception_is_made_once_for_each_key(world: World) -> None:
    farida, key = await world.api("farida"), once()
    body = {"day": monday().isoformat(), "closed": True, "note": "Conference"}
    first = await farida.post(at("asha", "exceptions"), json=body, headers=key)
    again = await farida.post(at("asha", "exceptions"), json=body, headers=key)
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await farida.get(at("asha", "exceptions"))).json()["items"]) == 1
    assert (await farida.post(at("asha", "exceptions"), json=body)).json()["code"] == "idempotency_key_missing"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"day": "2020-01-01"}, "day"),
        ({"day": "9999-12-31", "repeats": "daily", "until": "9999-12-31"}, "day"),
        ({"closed": False}, "opens"),
        ({"opens": "10:00"}, "closes"),
        ({"opens": "17:00", "closes": "09:00"}, "closes"),
        ({"until": "2099-01-01"}, "until"),
        ({"repeats": "weekly", "until": "2020-01-01"}, "until"),
        ({"repeats": "weekly", "until": "9999-12-31"}, "until"),
        ({"repeats": "daily", "every": 0}, "every"),
        ({"repeats": "daily", "every": 10**12}, "every"),
        ({"modes": []}, "modes"),
        ({"closed": False, "opens": "10:00", "closes": "11:00", "branch_id": str(RAO)}, "branch_id"),
    ],
)
async def test_what_no_exception_may_be(world: World, more: dict[str, Any], field: str) -> None:
    body = {"day": monday().isoformat(), "closed": True} | more
    answer = await (await world.api("rao")).post(at("asha", "exceptions"), json=body, headers=once())
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field]), answer.text


async def test_a_zone_of_her_own(world: World) -> None:
    rao = await world.api("rao")
    answer = await set_week(rao, hours("09:00-10:00", 1, modes=BOTH), zone="America/New_York")
    assert (answer.status_code, answer.json()["zone"]) == (200, "America/New_York")
    free = await world.free(after=timedelta(days=0))
    assert await clocks(world, monday(2)) in (["18:30", "18:50", "19:10"], ["19:30", "19:50", "20:10"])
    assert len(free) <= 3
