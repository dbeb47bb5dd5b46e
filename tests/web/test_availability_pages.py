"""A doctor's week, her kinds of visit, different days, leave and calendar, on her own pages and the clinic's."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.cast import IDS, RAO, World

KOLKATA = ZoneInfo("Asia/Kolkata")
HERS = f"/c/asha/doctors/{RAO}"
MORNINGS = {
    f"hours-{day}-0-{part}": value
    for day in range(1, 8)
    for part, value in (("opens", "09:00"), ("closes", "13:00"), ("modes", "video"))
}


def version(page: httpx.Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found, page.text[:2000]
    return found[1]


def hidden(page: httpx.Response) -> dict[str, Any]:
    """What the form of a preview would send."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text):
        found.setdefault(name, []).append(value)
    return found


async def hours(world: World) -> list[tuple[int, str, str]]:
    rows = await world.sql("asha", "SELECT weekday, opens, closes FROM weekly_hours ORDER BY weekday, opens")
    return [(row["weekday"], row["opens"].isoformat("minutes"), row["closes"].isoformat("minutes")) for row in rows]


async def test_a_week_is_looked_at_before_it_counts(world: World) -> None:
    at = (await world.free())[0].astimezone(KOLKATA).replace(hour=20, minute=0, second=0, microsecond=0)
    await world.booked("ananya", at=at)
    rao = await world.web("rao")
    came = await rao.get("/doctor/availability")
    assert came.headers["location"] == f"{HERS}/availability"
    page = await rao.get(f"{HERS}/availability")
    form = MORNINGS | {"version": version(page)}
    look = await rao.post(f"{HERS}/availability", data=form | {"do": "look"})
    assert look.status_code == 200 and "Ananya Deshpande" in look.text
    assert "1 visit falls outside the new hours" in look.text and "−20 h" in look.text
    assert len(await hours(world)) == 7 and (await hours(world))[0] == (1, "00:00", "00:00")
    for _ in "once", "and once more":
        saved = await rao.post(f"{HERS}/availability", data=hidden(look) | {"do": "save"})
        assert saved.status_code == 303
    assert (await hours(world))[0] == (1, "09:00", "13:00")
    assert "week_saved" in saved.headers["set-cookie"]
    [row] = await world.sql("asha", "SELECT status FROM appointments")
    assert row["status"] == "confirmed"


async def test_what_was_typed_stays_when_it_is_wrong(world: World) -> None:
    rao = await world.web("rao")
    form = {
        "version": version(await rao.get(f"{HERS}/availability")),
        "hours-3-0-opens": "18:00",
        "hours-3-0-closes": "17:00",
        "hours-3-0-modes": "video",
        "hours-5-0-opens": "09:00",
        "hours-5-0-closes": "",
    }
    wrong = await rao.post(f"{HERS}/availability", data=form | {"do": "look"})
    assert wrong.status_code == 422
    assert 'href="#f-hours.1.closes"' in wrong.text and 'value="18:00"' in wrong.text
    form["hours-5-0-closes"] = "12:00"
    wrong = await rao.post(f"{HERS}/availability", data=form | {"do": "look"})
    assert "This ends before it begins." in wrong.text and "Say for which kinds of visit." in wrong.text


async def test_rows_come_and_go_without_a_script(world: World) -> None:
    rao = await world.web("rao")
    form = MORNINGS | {"version": "1"}
    added = await rao.post(f"{HERS}/availability", data=form | {"do": "add breaks 2"})
    assert 'name="breaks-2-0-opens"' in added.text.split("<template>")[0] + added.text
    dropped = await rao.post(f"{HERS}/availability", data=form | {"do": "drop hours-4-0"})
    assert 'name="hours-4-0-opens"' not in dropped.text and 'name="hours-5-0-opens"' in dropped.text
    monday = {"hours-1-0-opens": "07:30", "copy_from": "1", "copy_to": ["2", "7"], "do": "copy"}
    copied = await rao.post(f"{HERS}/availability", data=form | monday)
    assert copied.text.count('value="07:30"') == 3


async def test_two_who_change_a_week_see_one_another(world: World) -> None:
    rao, gita = await world.web("rao"), await world.web("gita")
    form = MORNINGS | {"version": version(await rao.get(f"{HERS}/availability"))}
    other = form | {"hours-1-0-opens": "08:00"}
    assert (await gita.post(f"{HERS}/availability", data=other | {"do": "save"})).status_code == 303
    stale = await rao.post(f"{HERS}/availability", data=form | {"do": "save"})
    assert stale.status_code == 412 and "08:00–13:00" in stale.text
    assert 'name="hours-1-0-opens" value="09:00"' in stale.text
    again = await rao.post(f"{HERS}/availability", data=form | {"do": "save", "version": version(stale)})
    assert again.status_code == 303 and (await hours(world))[0] == (1, "09:00", "13:00")


async def test_hours_of_another_clinic_are_named(world: World) -> None:
    rao = await world.web("rao")
    form = MORNINGS | {"version": version(await rao.get(f"{HERS}/availability"))}
    assert (await rao.post(f"{HERS}/availability", data=form | {"do": "save"})).status_code == 303
    await world.settle()
    [nadi] = await world.sql(None, "SELECT id FROM clinics WHERE slug = 'nadi'")
    rules = '[{"kind": "weekly", "weekday": 2, "opens": "14:00", "closes": "16:00", "modes": ["video"]}]'
    await world.sql(
        None,
        "INSERT INTO working_hours (doctor_id, clinic_id, next, zone, rules)"
        " VALUES ($1, $2, false, 'Asia/Kolkata', $3::text::jsonb)",
        RAO, nadi["id"], rules,
    )  # fmt: skip
    form |= {"version": version(await rao.get(f"{HERS}/availability")), "hours-2-0-closes": "17:00"}
    for do in ("look", "save"):
        refused = await rao.post(f"{HERS}/availability", data=form | {"do": do})
        assert refused.status_code == 409
        assert "Nadi Ayurveda" in refused.text and "from 14:00 to 16:00" in refused.text
        assert 'name="hours-2-0-closes" value="17:00"' in refused.text


async def test_kinds_of_visit_are_offered_and_ended(world: World) -> None:
    gita = await world.web("gita")
    form = {
        "version": version(await gita.get(f"{HERS}/offers")),
        "video-on": "1", "video-minutes": "30", "video-fee_paise": "₹ 650.50", "video-notice": "4",
        "home_visit-on": "1", "home_visit-minutes": "45", "home_visit-fee_paise": "1200",
        "home_visit-travel_minutes": "20", "home_visit-areas": "411, 412105",
    }  # fmt: skip
    wrong = await gita.post(f"{HERS}/offers", data=form | {"video-minutes": "3", "do": "look"})
    assert wrong.status_code == 422 and 'href="#f-video-minutes"' in wrong.text and "650.50" in wrong.text
    look = await gita.post(f"{HERS}/offers", data=form | {"do": "look"})
    assert look.status_code == 200 and "Day by day" in look.text
    assert (await gita.post(f"{HERS}/offers", data=hidden(look) | {"do": "save"})).status_code == 303
    rows = await world.sql("asha", "SELECT mode, minutes, fee_paise, areas FROM offers WHERE doctor_id = $1", RAO)
    assert {(row["mode"], row["minutes"], row["fee_paise"], tuple(row["areas"])) for row in rows} == {
        ("video", 30, 65050, ()),
        ("home_visit", 45, 120000, ("411", "412105")),
    }
    stale = await gita.post(f"{HERS}/offers", data=form | {"do": "save"})
    assert stale.status_code == 412 and "₹650.50" in stale.text


async def test_a_day_that_is_different_comes_and_goes(world: World) -> None:
    rao, day = await world.web("rao"), date.today() + timedelta(days=10)
    form = {
        "what": "closed",
        "day": day.isoformat(),
        "modes": ["video", "in_person"],
        "repeats": "weekly",
        "every": "2",
    }
    wrong = await rao.post(f"{HERS}/exceptions", data=form | {"opens": "10:00", "note": "Teaching", "do": "look"})
    assert wrong.status_code == 422 and "Give both times, or neither." in wrong.text and "Teaching" in wrong.text
    look = await rao.post(f"{HERS}/exceptions", data=form | {"note": "Teaching", "do": "look"})
    assert "every 2 weeks" in look.text and "times to book" in look.text
    twice = hidden(look) | {"do": "save"}
    assert [(await rao.post(f"{HERS}/exceptions", data=twice)).status_code for _ in "12"] == [303, 303]
    [row] = await world.sql("asha", "SELECT id, every FROM exceptions")
    assert row["every"] == 2 and "Teaching" in (await rao.get(f"{HERS}/exceptions")).text
    assert "Teaching" in (await rao.get(f"/doctor/calendar?view=week&from={day}")).text
    assert (await rao.post(f"{HERS}/exceptions/{row['id']}/remove")).status_code == 303
    assert "Every day is as the week says" in (await rao.get(f"{HERS}/exceptions")).text


async def test_leave_shows_whom_it_touches_and_is_taken_back(world: World) -> None:
    visit = await world.booked("ananya")
    day = datetime.fromisoformat(visit["starts_at"]).astimezone(KOLKATA).date()
    farida = await world.web("farida")
    wrong = await farida.post(f"{HERS}/leave", data={"from_day": "soon", "note": "Wedding", "do": "look"})
    assert wrong.status_code == 422 and 'href="#f-from_day"' in wrong.text and "Wedding" in wrong.text
    form = {"from_day": day.isoformat(), "to_day": "", "note": "Wedding"}
    look = await farida.post(f"{HERS}/leave", data=form | {"do": "look"})
    assert "1 patient will be asked to choose another time." in look.text and "Ananya Deshpande" in look.text
    twice = hidden(look) | {"do": "save"}
    assert [(await farida.post(f"{HERS}/leave", data=twice)).status_code for _ in "12"] == [303, 303]
    [row] = await world.sql("asha", "SELECT id, starts_at, ends_at FROM leaves")
    assert row["ends_at"] - row["starts_at"] == timedelta(days=1)
    assert row["starts_at"].astimezone(KOLKATA).date() == day
    page = await farida.get(f"{HERS}/leave")
    assert "Wedding" in page.text
    again = await farida.post(f"{HERS}/leave", data=form | {"do": "save"})
    assert again.status_code == 409 and "There is leave at this time already." in again.text
    assert (await farida.post(f"{HERS}/leave/{row['id']}/end")).status_code == 303
    assert "No leave is planned" in (await farida.get(f"{HERS}/leave")).text


@pytest.mark.parametrize("view", ["day", "week", "list"])
async def test_the_calendar_shows_visits_and_leave(world: World, view: str) -> None:
    visit = await world.booked("ananya", reason="Burning after meals")
    day = datetime.fromisoformat(visit["starts_at"]).astimezone(KOLKATA).date()
    await world.sql("asha", "UPDATE appointments SET placed = 'squeezed'")
    await world.sql(
        "asha",
        "INSERT INTO leaves (id, doctor_id, starts_at, ends_at, note)"
        " VALUES (gen_random_uuid(), $1, $2, $3, 'Wedding')",
        RAO, datetime.combine(day, datetime.min.time(), UTC), datetime.combine(day, datetime.max.time(), UTC),
    )  # fmt: skip
    rao = await world.web("rao")
    page = await rao.get(f"/doctor/calendar?view={view}&from={day}")
    assert page.status_code == 200
    for words in ("Ananya Deshpande", "Squeezed in", "Wedding", "India Time", visit["id"]):
        assert words in page.text, words
    assert "Burning" not in page.text
    assert (await rao.get(f"/doctor/calendar?view={view}&from=never")).status_code == 200


async def test_only_those_who_have_to_do_with_it_come_in(world: World) -> None:
    paths = [f"{HERS}/{tab}" for tab in ("availability", "offers", "exceptions", "leave")]
    for name, wanted in (("ananya", 404), ("iyer", 404), ("hari", 404), ("farida", 200), ("gita", 200), ("rao", 200)):
        client = await world.web(name)
        assert {(await client.get(path)).status_code for path in paths} == {wanted}, name
    farida = await world.web("farida")
    assert "Look at what changes" not in (await farida.get(paths[0])).text
    assert (await farida.post(paths[0], data=MORNINGS | {"do": "save"})).status_code == 404
    rao, gita = await world.web("rao"), await world.web("gita")
    other = f"/c/asha/doctors/{IDS['iyer']}/availability"
    assert (await rao.get(other)).status_code == 404 and (await gita.get(other)).status_code == 404
    assert "Dr Meera Rao" in (await gita.get("/c/asha/doctors")).text
    assert (await rao.get("/c/asha/doctors")).headers["location"] == f"{HERS}/availability"


@pytest.mark.parametrize(
    "odd",
    [
        {"hours-1-0-opens": "\x00", "hours-1-0-closes": "10:00"},
        {"hours-1-0-opens": "09:00", "hours-1-0-closes": "10:00", "hours-1-0-branch": "x", "hours-1-0-modes": "video"},
        {"hours-1-0-opens": "09:00", "hours-1-0-closes": "10:00", "hours-1-0-resources": ["x"] * 99},
        {"hours-1-9999-opens": "25:99", "do": "add hours 9", "version": "9" * 400},
        {"version": "-1", "copy_from": "8", "copy_to": "1", "do": "copy"},
    ],
)
async def test_odd_things_are_answered(world: World, odd: dict[str, Any]) -> None:
    rao = await world.web("rao")
    for do in ("look", "save"):
        answer = await rao.post(f"{HERS}/availability", data={"do": do} | odd)
        assert answer.status_code in (200, 412, 422), answer.status_code
