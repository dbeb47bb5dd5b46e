"""One doctor, two clinics, two databases: no hour is given to both."""

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from svastha.domain import directory, schedule
from svastha.doors import visit
from svastha.doors.cli.databases import migrate_all
from tests.cast import RAO, World
from tests.schedule.weekly import at, at_nadi_too, hours, monday, once, set_week


async def claimed(world: World) -> list[tuple[str, bool]]:
    rows = await world.sql(
        None,
        "SELECT c.slug, w.next FROM working_hours w JOIN clinics c ON c.id = w.clinic_id"
        " WHERE doctor_id = $1 AND w.rules <> '[]' ORDER BY 1, 2",
        RAO,
    )
    return [(row["slug"], row["next"]) for row in rows]


async def extra(api: httpx.AsyncClient, clinic: str, day: date, span: str, **more: Any) -> httpx.Response:
    opens, closes = span.split("-")
    body = {"day": day.isoformat(), "closed": False, "opens": opens, "closes": closes, "modes": ["video"]} | more
    return await api.post(at(clinic, "exceptions"), json=body, headers=once())


async def closed(api: httpx.AsyncClient, clinic: str, day: date, **more: Any) -> httpx.Response:
    body = {"day": day.isoformat(), "closed": True} | more
    return await api.post(at(clinic, "exceptions"), json=body, headers=once())


async def test_hours_that_overlap_are_refused_with_where_and_when(world: World) -> None:
    await at_nadi_too(world)
    rao = await world.api("rao")
    assert (await set_week(rao, hours("10:00-13:00", 1, modes=["in_person"]))).status_code == 200
    await world.settle()
    before = (await rao.get(at("nadi"))).json()
    refused = await set_week(rao, hours("12:00-15:00", 1, modes=["video"]), clinic="nadi")
    assert (refused.status_code, refused.json()["code"]) == (409, "works_elsewhere"), refused.text
    told = refused.json()
    assert (told["clinic"], told["opens"], told["closes"]) == ("Asha Ayurveda", "12:00", "13:00")
    assert date.fromisoformat(told["day"]).isoweekday() == 1
    assert "Asha Ayurveda" in told["detail"]
    assert (await rao.get(at("nadi"))).json() == before, "nothing was written"
    seen = await rao.post(at("nadi", "availability/preview"), json={"hours": hours("12:00-15:00", 1)})
    assert seen.json()["code"] == "works_elsewhere", "a preview says so too"
    beside = await set_week(rao, hours("13:00-15:00", 1) + hours("08:00-10:00", 1), clinic="nadi")
    assert beside.status_code == 200, beside.text
    over = await extra(rao, "asha", monday(2), "14:00-14:30")
    assert (over.status_code, over.json()["clinic"]) == (409, "Nadi Ayurveda")


async def test_two_clinics_that_want_the_same_monday_at_once(world: World) -> None:
    await at_nadi_too(world)
    rao, gita, hari = await world.api("rao"), await world.api("gita"), await world.api("hari")
    for turn in range(6):
        for clinic in ("asha", "nadi"):
            assert (await set_week(rao, [], clinic=clinic)).status_code == 200
        await world.settle()
        answers = await asyncio.gather(
            set_week(gita, hours("10:00-13:00", 1)), set_week(hari, hours("12:00-15:00", 1), clinic="nadi")
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409], turn
        winner = ("asha", "nadi")[answers[1].status_code == 200]
        there = [clinic for clinic in ("asha", "nadi") if (await rao.get(at(clinic))).json()["hours"]]
        await world.settle()
        assert (there, await claimed(world)) == ([winner], [(winner, False)])


async def test_the_database_itself_refuses_what_no_door_has_asked_for(world: World) -> None:
    await at_nadi_too(world)
    assert (await set_week(await world.api("rao"), hours("10:00-13:00", 1))).status_code == 200
    await world.settle()
    with pytest.raises(asyncpg.ExclusionViolationError) as refused:
        await world.sql(
            None,
            "UPDATE working_hours SET rules = (SELECT rules FROM working_hours WHERE doctor_id = $1 AND rules <> '[]')"
            " WHERE doctor_id = $1",
            RAO,
        )
    assert refused.value.constraint_name == "one_clinic_at_a_time"


async def test_a_clock_that_shifts_in_one_zone_only(world: World) -> None:
    """09:00 in New York is 18:30 or 19:30 in India: the evening at Asha is in the way for part of the year alone."""
    await at_nadi_too(world, zone="America/New_York")
    rao = await world.api("rao")
    assert (await set_week(rao, hours("18:30-19:30"))).status_code == 200
    summer = await set_week(rao, hours("09:00-10:00"), clinic="nadi")
    assert (summer.status_code, summer.json()["code"]) == (409, "works_elsewhere")
    assert summer.json()["opens"] == "09:00", "in the zone of who asks"
    assert date.fromisoformat(summer.json()["day"]).month in range(3, 12)
    winter = await set_week(rao, hours("08:00-09:00"), clinic="nadi")
    assert date.fromisoformat(winter.json()["day"]).month in (11, 12, 1, 2, 3)
    assert (await set_week(rao, hours("10:00-11:00"), clinic="nadi")).status_code == 200


async def test_hours_that_pass_midnight(world: World) -> None:
    await at_nadi_too(world)
    rao = await world.api("rao")
    assert (await set_week(rao, hours("22:00-02:00", 7))).status_code == 200
    early = await set_week(rao, hours("01:00-03:00", 1), clinic="nadi")
    assert (early.status_code, early.json()["opens"]) == (409, "01:00")
    assert (await set_week(rao, hours("02:00-04:00", 1), clinic="nadi")).status_code == 200
    assert (await set_week(rao, hours("23:00-00:30", 6), clinic="nadi")).status_code == 200


async def test_a_break_here_may_be_hours_there(world: World) -> None:
    await at_nadi_too(world)
    rao = await world.api("rao")
    pause = [{"weekday": 1, "opens": "12:00", "closes": "14:00"}]
    assert (await set_week(rao, hours("09:00-17:00", 1), breaks=pause)).status_code == 200
    assert (await set_week(rao, hours("12:00-14:00", 1), clinic="nadi")).status_code == 200
    assert (await set_week(rao, hours("09:00-17:00", 1))).json()["code"] == "works_elsewhere"


async def test_closed_here_allows_extra_hours_there_and_then_stays_closed(world: World) -> None:
    await at_nadi_too(world)
    rao, day = await world.api("rao"), monday(3)
    assert (await set_week(rao, hours("09:00-13:00", 1))).status_code == 200
    assert (await extra(rao, "nadi", day, "10:00-11:00")).status_code == 409
    only_video = await closed(rao, "asha", day, modes=["video"])
    assert only_video.status_code == 201
    await world.settle()
    assert (await extra(rao, "nadi", day, "10:00-11:00")).status_code == 409, "she is there for others still"
    shut = await closed(rao, "asha", day, opens="10:00", closes="12:00")
    await world.settle()
    assert (await extra(rao, "nadi", day, "10:00-11:00")).status_code == 201
    back = await rao.delete(at("asha", f"exceptions/{shut.json()['id']}"))
    assert (back.status_code, back.json()["code"]) == (409, "works_elsewhere")
    assert len((await rao.get(at("asha", "exceptions"))).json()["items"]) == 2, "it is still there"
    again = await extra(rao, "nadi", day, "11:00-12:00", repeats="weekly")
    assert (again.status_code, again.json()["day"]) == (409, (day + timedelta(days=7)).isoformat())


async def test_leave_and_holidays_give_her_hours_to_nobody(world: World) -> None:
    await at_nadi_too(world)
    rao, day = await world.api("rao"), monday(3)
    assert (await set_week(rao, hours("09:00-13:00", 1))).status_code == 200
    away = {"from": day.isoformat(), "to": day.isoformat()}
    assert (await rao.post(at("asha", "leave"), json=away, headers=once())).status_code == 201
    await world.settle()
    assert (await extra(rao, "nadi", day, "10:00-11:00")).status_code == 409


async def test_a_clinic_that_died_between_claiming_and_writing(world: World) -> None:
    await at_nadi_too(world)
    rao = await world.api("rao")
    rows = [{"kind": "weekly", "weekday": 1, "opens": "10:00", "closes": "13:00", "modes": ["video"]}]
    nadi = (await world.house.routing.find("nadi"))[0]
    async with visit.to_control(world.house) as control:
        await directory.claim_hours(control, doctor_id=RAO, clinic_id=nadi.id, zone="Asia/Kolkata", rules=rows)
    assert await claimed(world) == [("nadi", True)]
    assert (await set_week(rao, hours("10:00-13:00", 1))).status_code == 409, "kept from others all the same"
    await world.sql("nadi", "UPDATE jobs SET run_at = now() WHERE kind = 'doors.publish_hours'")
    await world.settle()
    assert await claimed(world) == [], "the next publishing says what the clinic really has"
    assert (await set_week(rao, hours("10:00-13:00", 1))).status_code == 200


async def test_what_was_claimed_is_given_back_when_the_clinic_does_not_commit(world: World) -> None:
    await at_nadi_too(world)
    rao = await world.api("rao")
    assert (await set_week(rao, hours("09:00-10:00", 1), clinic="nadi")).status_code == 200
    await world.settle()
    for statement in (
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "CREATE CONSTRAINT TRIGGER no AFTER INSERT ON weekly_hours DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION no()",
    ):
        await world.sql("nadi", statement)
    assert (await set_week(rao, hours("10:00-13:00", 1), clinic="nadi")).status_code == 500
    assert await claimed(world) == [("nadi", False), ("nadi", True)]
    await world.settle()
    assert await claimed(world) == [("nadi", False)]
    assert (await set_week(rao, hours("10:00-13:00", 1))).status_code == 200


async def test_the_present_hours_stay_hers_until_the_new_ones_are_published(world: World) -> None:
    await at_nadi_too(world)
    rao = await world.api("rao")
    assert (await set_week(rao, hours("09:00-12:00", 1))).status_code == 200
    await world.settle()
    assert (await set_week(rao, hours("14:00-16:00", 1))).status_code == 200
    assert (await set_week(rao, hours("09:00-12:00", 1), clinic="nadi")).status_code == 409
    await world.settle()
    assert (await set_week(rao, hours("09:00-12:00", 1), clinic="nadi")).status_code == 200


async def test_houses_that_were_there_before_anybody_asked(world: World) -> None:
    """Hours that overlap already stay until somebody changes them; each change has to be clear of the other clinic."""
    await at_nadi_too(world)
    for clinic in ("asha", "nadi"):
        async with visit.to_clinic(world.house, clinic) as tx:
            row = schedule.Hours(1, time(10), time(13), ("video",))
            await schedule.set_weekly_hours(tx, RAO, [row])
    await world.settle()
    assert len(await claimed(world)) == 1, "whoever published first"
    rao = await world.api("rao")
    [(first, _)] = await claimed(world)
    other = "nadi" if first == "asha" else "asha"
    assert (await set_week(rao, hours("10:00-14:00", 1), clinic=other)).status_code == 409
    assert (await set_week(rao, hours("13:00-14:00", 1), clinic=other)).status_code == 200
    await world.settle()
    assert await claimed(world) == [("asha", False), ("nadi", False)]
    assert await migrate_all(world.house) == {}


async def test_specialties_come_with_the_hours(world: World) -> None:
    await world.sql(None, "UPDATE doctors SET specialties = '{panchakarma,shalya_tantra}' WHERE id = $1", RAO)
    assert (await set_week(await world.api("rao"), hours("10:00-13:00", 1))).status_code == 200
    await world.settle()
    [known] = await world.sql("asha", "SELECT specialties FROM practitioners WHERE doctor_id = $1", RAO)
    assert known["specialties"] == ["panchakarma", "shalya_tantra"]


async def test_both_kinds_of_database_read_the_clock_alike(world: World) -> None:
    for zone in ("Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"):
        asked = "SELECT array_agg(instant_of(w, $1)) FROM generate_series($2::timestamp, $3, interval '30 minutes') w"
        year = datetime(2026, 1, 1), datetime(2027, 1, 1)
        assert await world.sql(None, asked, zone, *year) == await world.sql("asha", asked, zone, *year), zone
