"""Whoever comes says at the clinic's door, with her own telephone, that she is here."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from svastha.doors.web.patient.arrive import door_of
from tests.cast import World
from tests.web.test_desk import visit_today

INDIA = ZoneInfo("Asia/Kolkata")


async def door(world: World, clinic: str = "asha") -> str:
    place, _ = await world.house.routing.find(clinic)
    return door_of(place, world.house.settings.secret)


async def test_who_comes_says_so_at_the_door_and_has_a_number(world: World) -> None:
    visit, farida, at = await visit_today(world), await world.web("farida"), await door(world)
    sheet = await farida.get("/c/asha/door")
    assert sheet.status_code == 200 and "<svg" in sheet.text
    url = f"/c/asha/arrive?at={at}"
    sent = await (await world.web()).get(url)
    assert sent.status_code == 303 and sent.headers["location"].startswith("/sign-in?next=%2Fc%2Fasha%2Farrive%3Fat")
    ananya = await world.web("ananya")
    assert f'value="{visit}"' in (await ananya.get(url)).text

    answer = await ananya.post("/c/asha/arrive", data={"at": at, "visit_id": visit})

    assert answer.headers["location"] == f"/c/asha/visits/{visit}"
    page = (await ananya.get(answer.headers["location"])).text
    assert re.search(r'class="token num"><span class="vh">Number </span>1<', page) and "data-live=" in page
    [row] = await world.sql("asha", "SELECT how FROM queue_entries")
    assert row["how"] == "qr"
    assert "Your number and your place" in (await ananya.get(url)).text, "who scans again is not asked again"
    kavya = await world.web("kavya")
    assert "No visit of yours is booked here today" in (await kavya.get(url)).text
    assert (await kavya.post("/c/asha/arrive", data={"at": at, "visit_id": visit})).status_code == 404
    for made_up in ("", "x", await door(world, "nadi"), at[:-1], "ü"):
        assert (await ananya.get("/c/asha/arrive", params={"at": made_up})).status_code == 404, made_up
        assert (await ananya.post("/c/asha/arrive", data={"at": made_up, "visit_id": visit})).status_code == 404


async def test_another_day_or_by_video_nobody_arrives_at_the_door(world: World) -> None:
    at, ananya = await door(world), await world.web("ananya")
    later = await world.booked("ananya", mode="in_person")
    video = await world.booked("ananya", at=(await world.free(mode="video"))[5])
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now(), ends_at = now() + interval '20 min' WHERE id = $1",
        video["id"],
    )
    page = (await ananya.get(f"/c/asha/arrive?at={at}")).text
    assert "No visit of yours is booked here today" in page and "Please come to the desk" in page
    assert "Your next visit here is on" in page
    for one in (later, video):
        assert (await ananya.post("/c/asha/arrive", data={"at": at, "visit_id": one["id"]})).status_code == 404
    asked = await world.booked("ananya", mode="in_person", at=(await world.free(mode="in_person"))[9])
    await world.sql(
        "asha",
        "UPDATE appointments SET status = 'requested', hold_expires_at = now() + interval '1 hour',"
        " starts_at = now() - interval '2 min', ends_at = now() - interval '1 min' WHERE id = $1",
        asked["id"],
    )
    if datetime.now(INDIA).strftime("%H:%M") > "00:03":
        assert "has not answered your request yet" in (await ananya.get(f"/c/asha/arrive?at={at}")).text
