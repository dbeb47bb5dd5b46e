"""What a clinic says of its own time: branches and rooms, holidays, house rules, what cancelling costs."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.cast import RAO, World
from tests.web.test_availability_pages import hidden

KOLKATA = ZoneInfo("Asia/Kolkata")
RULES = {
    "booking": "requested",
    "answer_within": "90",
    "answer_within_unit": "minutes",
    "late_after": "15",
    "late_rule": "end",
    "late_places": "3",
    "remind0": "2",
    "remind0_unit": "days",
    "remind1": "",
    "remind2": "30",
    "remind2_unit": "minutes",
    "quiet_from": "22:00",
    "quiet_until": "06:30",
    "offer_minutes": "20",
}


async def a_branch(world: World) -> str:
    gita = await world.web("gita")
    form = {"name": "Kothrud", "address": "12 Karve Road", "hours-1-0-opens": "09:00", "hours-1-0-closes": "13:00"}
    made = await gita.post("/c/asha/branches", data=form | {"do": "look"})
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


async def test_a_branch_is_opened_changed_and_closed(world: World) -> None:
    gita = await world.web("gita")
    assert "No branches yet" in (await gita.get("/c/asha/branches")).text
    at = await a_branch(world)
    page = await gita.get(at)
    assert "12 Karve Road" in page.text and 'value="09:00"' in page.text
    form = {"name": "Kothrud", "address": "", "hours-1-0-opens": "13:00", "hours-1-0-closes": "9:00"}
    wrong = await gita.post(at, data=form | {"do": "look"})
    assert wrong.status_code == 422 and 'href="#f-hours.0.closes"' in wrong.text
    again = await gita.post("/c/asha/branches", data={"name": "Kothrud", "do": "save"})
    assert again.status_code == 409 and "There is a branch of this name already." in again.text
    room = await gita.post(f"{at}/resources", data={"kind": "therapy_room", "name": "Droni"})
    assert room.status_code == 303
    twice = await gita.post(f"{at}/resources", data={"kind": "room", "name": "Droni"})
    assert twice.status_code == 409 and 'value="Droni"' in twice.text
    [row] = await world.sql("asha", "SELECT id FROM resources")
    assert (await gita.post(f"{at}/resources/{row['id']}/retire")).status_code == 303
    assert (await gita.post(f"{at}/close")).status_code == 303
    assert "Closed for good" in (await gita.get("/c/asha/branches")).text


async def test_shorter_hours_of_a_branch_show_whom_they_touch(world: World) -> None:
    at = await a_branch(world)
    await world.sql("asha", "UPDATE weekly_hours SET branch_id = $1", at.rpartition("/")[2])
    await world.sql(
        "asha",
        "INSERT INTO branch_hours SELECT branch_id, d, '09:00', '20:00' FROM branch_hours, generate_series(2, 7) d",
    )
    starts = (await world.free(mode="in_person"))[2]
    while starts.astimezone(KOLKATA).weekday() == 0:
        starts = (await world.free(mode="in_person", after=timedelta(days=3)))[2]
    visit = await world.booked("ananya", at=starts, mode="in_person")
    gita = await world.web("gita")
    form = {"name": "Kothrud", "address": ""}
    look = await gita.post(at, data=form | {"hours-1-0-opens": "09:00", "hours-1-0-closes": "10:00", "do": "look"})
    assert look.status_code == 200 and "Ananya Deshpande" in look.text and visit["id"] in look.text
    [before] = await world.sql("asha", "SELECT count(*) FROM branch_hours")
    assert before["count"] == 7
    assert (await gita.post(at, data=hidden(look) | {"do": "save"})).status_code == 303
    [after] = await world.sql("asha", "SELECT count(*) FROM branch_hours")
    assert after["count"] == 1
    refused = await gita.post(f"{at}/close")
    assert refused.status_code == 409 and "Dr Meera Rao" in refused.text


async def test_a_holiday_shows_whom_it_touches_and_goes_again(world: World) -> None:
    visit = await world.booked("ananya")
    day = datetime.fromisoformat(visit["starts_at"]).astimezone(KOLKATA).date()
    gita = await world.web("gita")
    wrong = await gita.post("/c/asha/holidays", data={"day": "someday", "name": "Diwali", "do": "look"})
    assert wrong.status_code == 422 and 'value="Diwali"' in wrong.text
    look = await gita.post("/c/asha/holidays", data={"day": day.isoformat(), "name": "Diwali", "do": "look"})
    assert look.status_code == 200 and "Ananya Deshpande" in look.text
    assert (await gita.post("/c/asha/holidays", data=hidden(look) | {"do": "save"})).status_code == 303
    twice = await gita.post("/c/asha/holidays", data=hidden(look) | {"do": "save"})
    assert twice.status_code == 409 and "This day is a holiday already." in twice.text
    page = await gita.get(f"/c/asha/holidays?year={day.year}")
    [remove] = re.findall(r'action="(/c/asha/holidays/[^"]+/remove)"', page.text)
    assert (await gita.post(remove)).status_code == 303
    assert "No holidays in this year" in (await gita.get("/c/asha/holidays?year=1066")).text


async def test_house_rules_are_set_or_come_back(world: World) -> None:
    gita = await world.web("gita")
    assert 'value="24"' in (await gita.get("/c/asha/rules")).text
    odd = RULES | {"late_after": "soon", "quiet_from": "25:00", "late_rule": "shout"}
    wrong = await gita.post("/c/asha/rules", data=odd)
    assert wrong.status_code == 422 and 'value="soon"' in wrong.text
    assert {"#f-late_after", "#f-quiet_from", "#f-late_rule"} <= set(re.findall(r'href="(#f-\w+)"', wrong.text))
    assert (await gita.post("/c/asha/rules", data=RULES | {"offer_minutes": "999"})).status_code == 422
    assert (await gita.post("/c/asha/rules", data=RULES)).status_code == 303
    [row] = await world.sql("asha", "SELECT * FROM house_rules")
    assert (row["booking"], row["late_rule"], row["late_places"], row["offer_minutes"]) == ("requested", "end", 3, 20)
    assert row["answer_within"] == timedelta(minutes=90)
    assert list(row["remind_before"]) == [timedelta(days=2), timedelta(minutes=30)]


async def test_what_cancelling_costs_has_versions(world: World) -> None:
    gita = await world.web("gita")
    form = {"free_until_minutes": "1", "free_until_unit": "days", "late_percent": "30", "no_show_percent": "101"}
    wrong = await gita.post("/c/asha/cancellation", data=form)
    assert wrong.status_code == 422 and "From 0 to 100 percent." in wrong.text and 'value="30"' in wrong.text
    assert (await gita.post("/c/asha/cancellation", data=form | {"no_show_percent": "80"})).status_code == 303
    page = await gita.get("/c/asha/cancellation")
    assert "Version 2" in page.text and "24 hours before" in page.text


@pytest.mark.parametrize("page", ["branches", "branches/new", "holidays", "rules", "cancellation"])
async def test_only_whoever_runs_the_clinic_comes_in(world: World, page: str) -> None:
    for name, wanted in (("gita", 200), ("rao", 404), ("farida", 404), ("hari", 404), ("ananya", 404)):
        assert (await (await world.web(name)).get(f"/c/asha/{page}")).status_code == wanted, name


async def test_nothing_odd_breaks_them(world: World) -> None:
    gita, at = await world.web("gita"), await a_branch(world)
    for path, form in (
        (at, {"name": "\x00", "do": "save"}),
        (at, {"name": "x" * 900, "hours-1-0-opens": "99:99", "do": "look"}),
        (f"{at}/resources", {"kind": "castle", "name": "x"}),
        ("/c/asha/holidays", {"day": "9999-12-31", "name": "End", "do": "look"}),
        ("/c/asha/holidays", {"day": "2026-12-25", "name": "X", "branch": str(RAO), "do": "save"}),
        ("/c/asha/rules", RULES | {"answer_within": "9" * 9, "answer_within_unit": "days"}),
        ("/c/asha/cancellation", {"free_until_minutes": "-3"}),
    ):
        answer = await gita.post(path, data=form)
        assert answer.status_code in (400, 422), (path, answer.status_code)
