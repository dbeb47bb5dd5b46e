"""What a patient does on the pages behind her sign-in."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.cast import RAO, World

STRANGERS = ["kavya", "iyer", "hari", "indu", "jaya"]


def wish(at: datetime, mode: str = "video") -> dict[str, str]:
    return {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": mode}


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the form that books."""
    form = re.search(r'<form[^>]*action="[^"]*/appointments".*?</form>', page.text, re.S)
    assert form, page.text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


async def held(world: World, name: str = "ananya", at: datetime | None = None) -> tuple[httpx.AsyncClient, str]:
    """Somebody with a time held for her, and the page that asks her to confirm it."""
    browser = await world.web(name)
    answer = await browser.post("/c/asha/holds", data=wish(at or (await world.free())[0]))
    assert answer.status_code == 303, answer.text
    return browser, answer.headers["location"]


async def statuses(world: World) -> list[str]:
    return [row["status"] for row in await world.sql("asha", "SELECT status FROM appointments ORDER BY id")]


async def soon(world: World, id: str, minutes: int = 5) -> None:
    """Let the visit begin in so many minutes."""
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() + make_interval(mins => $2),"
        " ends_at = now() + make_interval(mins => $2 + 20) WHERE id = $1",
        id,
        minutes,
    )


async def test_a_chosen_time_is_held_confirmed_and_booked_once(world: World) -> None:
    ananya, at = await held(world)
    page = await ananya.get(at)
    assert page.status_code == 200
    assert "data-countdown" in page.text and "₹500" in page.text and "Dr Meera Rao" in page.text
    form = {**hidden(page), "reason": "Sleeps badly"}

    first = await ananya.post("/c/asha/appointments", data=form)
    second = await ananya.post("/c/asha/appointments", data=form)

    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"] == f"/c/asha/visits/{form['hold_id']}"
    assert await statuses(world) == ["confirmed"]
    visit = await ananya.get(first.headers["location"])
    assert "Sleeps badly" in visit.text and "T-rao" in visit.text and "Booked" in visit.text
    assert visit.headers["cache-control"] == "no-store"
    # A form that booked already and was changed meanwhile leads to what it booked.
    changed = await ananya.post("/c/asha/appointments", data={**form, "reason": "Something else"})
    assert changed.headers["location"] == at
    assert (await ananya.get(at)).headers["location"] == first.headers["location"]


async def test_who_signs_in_first_finds_her_wish_again(world: World) -> None:
    time = (await world.free())[0]
    answer = await (await world.web()).post("/c/asha/holds", data=wish(time))
    assert answer.status_code == 303
    place = urlsplit(answer.headers["location"])
    assert place.path == "/sign-in"

    ananya = await world.web("ananya")
    page = await ananya.get(parse_qs(place.query)["next"][0])

    assert page.status_code == 200
    assert await statuses(world) == [], "looking holds nothing"
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert (await ananya.post("/c/asha/holds", data=again)).status_code == 303
    assert await statuses(world) == ["held"]


async def test_a_time_that_is_gone_comes_with_three_others(world: World) -> None:
    time = (await world.free())[0]
    await held(world, "kavya", time)
    ananya = await world.web("ananya")

    refused = await ananya.post("/c/asha/holds", data=wish(time))
    assert refused.status_code == 409
    others = re.findall(r'name="starts_at" value="([^"]+)"', refused.text)
    assert len(others) == 3
    assert (await ananya.post("/c/asha/holds", data=wish(datetime.fromisoformat(others[0])))).status_code == 303

    # Also at the last moment; what she wrote is not lost.
    refused = await ananya.post("/c/asha/appointments", data={**wish(time), "key": "k", "reason": "Sleeps badly"})
    assert refused.status_code == 409
    assert refused.text.count('name="reason" value="Sleeps badly"') == 3
    booked = await ananya.post("/c/asha/appointments", data={**hidden(refused)})
    assert booked.status_code == 303
    # A time nobody offers.
    odd = await ananya.post("/c/asha/holds", data=wish(time + timedelta(minutes=7)))
    assert odd.status_code == 422 and odd.text.count('name="starts_at"') == 3


async def test_two_visits_at_once_are_refused_in_plain_words(world: World) -> None:
    time = min({*await world.free(mode="in_person")} & {*await world.free()})
    await world.booked("ananya", at=time, mode="in_person")
    refused = await (await world.web("ananya")).post("/c/asha/holds", data=wish(time))
    assert refused.status_code == 409
    assert "You already have a visit at this time" in refused.text


async def test_a_hold_that_ran_out_can_still_be_tried(world: World) -> None:
    time = (await world.free())[0]
    ananya, at = await held(world, "ananya", time)
    await world.sql("asha", "UPDATE appointments SET hold_expires_at = now() - interval '1 minute'")

    page = await ananya.get(at)
    assert page.status_code == 200 and "no longer held" in page.text and "data-countdown" not in page.text
    kavya, hers = await held(world, "kavya", time)
    assert (await ananya.post("/c/asha/appointments", data=hidden(page))).status_code == 409

    await kavya.post(f"{hers}/release")
    booked = await ananya.post("/c/asha/appointments", data=hidden(await ananya.get(at)))
    assert booked.status_code == 303
    assert (await ananya.get(booked.headers["location"])).status_code == 200


async def test_choosing_another_time_lets_the_first_one_go(world: World) -> None:
    ananya, at = await held(world)
    assert (await (await world.web("kavya")).post(f"{at}/release")).status_code == 404
    assert await statuses(world) == ["held"]
    answer = await ananya.post(f"{at}/release")
    assert answer.headers["location"].startswith(f"/doctors/{RAO}")
    assert await statuses(world) == ["cancelled"]


async def test_a_reason_that_is_too_long_comes_back_with_the_form(world: World) -> None:
    ananya, at = await held(world)
    form = hidden(await ananya.get(at))
    answer = await ananya.post("/c/asha/appointments", data={**form, "reason": "a" * 2001})
    assert answer.status_code == 422
    assert "at most 2,000 characters" in answer.text and "a" * 2001 in answer.text
    assert (await ananya.post("/c/asha/appointments", data={**form, "reason": "a"})).status_code == 303


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/cancel"),
        ("POST", "/cancel"),
        ("GET", "/visit.ics"),
        ("GET", "/prescription.pdf"),
        ("GET", "/room"),
        ("POST", "/check-in"),
        ("POST", "/video-token"),
        ("POST", "/no-show"),
    ],
)
async def test_strangers_find_nothing(world: World, method: str, path: str) -> None:
    visit = (await world.booked("ananya"))["id"]
    unknown = f"/c/asha/visits/{uuid4()}{path}"
    for name in STRANGERS:
        browser = await world.web(name)
        answer = await browser.request(method, f"/c/asha/visits/{visit}{path}", data={})
        assert answer.status_code == 404, name
        none = await browser.request(method, unknown, data={})
        assert answer.text.replace(visit, "") == none.text.replace(unknown.split("/")[4], ""), name
    nobody = await (await world.web()).request(method, f"/c/asha/visits/{visit}{path}", data={})
    assert nobody.status_code == 303 and nobody.headers["location"].startswith("/sign-in")
    assert await statuses(world) == ["confirmed"]


async def test_a_hold_is_shown_to_nobody_else(world: World) -> None:
    _, at = await held(world)
    for name in [*STRANGERS, "rao", "farida"]:
        assert (await (await world.web(name)).get(at)).status_code == 404, name


async def test_cancelling_asks_first(world: World) -> None:
    visit = await world.booked("ananya")
    ananya, at = await world.web("ananya"), f"/c/asha/visits/{visit['id']}"
    page = await ananya.get(at)
    assert '<dialog id="cancel"' in page.text and f'href="{at}/cancel"' in page.text

    assert "Cancel this visit?" in (await ananya.get(f"{at}/cancel")).text
    assert await statuses(world) == ["confirmed"], "asking changes nothing"
    answer = await ananya.post(f"{at}/cancel", data={"next": "https://elsewhere.test/"})

    assert answer.status_code == 303 and answer.headers["location"] == at
    page = await ananya.get(at)
    assert "Cancelled" in page.text and "by you" in page.text and '<dialog id="cancel"' not in page.text
    assert "STATUS:CANCELLED" in (await ananya.get(f"{at}/visit.ics")).text
    assert (await ananya.get(f"{at}/cancel")).status_code == 303
    assert await world.free(), "and the time is free"


async def test_the_visit_goes_into_a_calendar(world: World) -> None:
    visit = await world.booked("ananya", reason="Private")
    answer = await (await world.web("ananya")).get(f"/c/asha/visits/{visit['id']}/visit.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert datetime.fromisoformat(visit["starts_at"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") in answer.text
    assert "Private" not in answer.text


async def test_the_waiting_room_opens_half_an_hour_before(world: World) -> None:
    visit = (await world.booked("ananya"))["id"]
    ananya, at = await world.web("ananya"), f"/c/asha/visits/{visit}"
    assert "The waiting room opens on" in (await ananya.get(at)).text
    assert (await ananya.get(f"{at}/room")).headers["location"] == at
    early = await ananya.post(f"{at}/check-in")
    assert early.status_code == 409 and "an hour before" in early.text

    await soon(world, visit, 29)
    assert f"{at}/room" in (await ananya.get(at)).text
    room = await ananya.get(f"{at}/room")
    assert room.status_code == 200 and 'data-status="confirmed"' in room.text
    assert await statuses(world) == ["confirmed"], "looking in is not coming in"
    piece = await ananya.post(f"{at}/check-in", headers={"x-fragment": "visit-state"})
    assert piece.text.lstrip().startswith('<section id="visit-state"') and 'data-status="checked_in"' in piece.text
    assert await statuses(world) == ["checked_in"]
    again = await ananya.post(f"{at}/check-in")
    assert again.status_code == 303 and again.headers["location"] == f"{at}/room"


async def test_whoever_missed_the_end_does_not_come_in(world: World) -> None:
    visit = (await world.booked("ananya"))["id"]
    await soon(world, visit, -30)
    ananya, at = await world.web("ananya"), f"/c/asha/visits/{visit}"
    assert "The time of this visit is over" in (await ananya.get(at)).text
    assert (await ananya.get(f"{at}/room")).status_code == 303
    assert (await ananya.post(f"{at}/check-in")).status_code == 409


async def test_there_is_a_way_into_the_call_only_when_the_doctor_opens_it(world: World) -> None:
    visit = (await world.booked("ananya"))["id"]
    await soon(world, visit)
    ananya, rao, at = await world.web("ananya"), await world.web("rao"), f"/c/asha/visits/{visit}"
    early = await ananya.post(f"{at}/video-token", headers={"accept": "application/json"})
    assert early.status_code == 409 and early.json()["code"] == "not_admitted"
    await ananya.post(f"{at}/check-in")
    assert (await rao.post(f"{at}/admit")).status_code == 303
    token = await ananya.post(f"{at}/video-token", headers={"accept": "application/json"})
    assert token.status_code == 200 and token.json()["role"] == "patient"
    nobody = await (await world.web()).post(f"{at}/video-token", headers={"accept": "application/json"})
    assert nobody.status_code == 401


async def prescribed(world: World, visit: str) -> None:
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}"
    assert (await rao.post(f"{at}/admit")).status_code == 303
    draft = {"version": "0", "rx-0-medicine": "Triphala churna", "rx-0-days": "7", "diet": "Dinner before eight"}
    assert (await rao.post(f"{at}/prescription", data=draft)).status_code == 303


async def test_the_signed_prescription_is_on_the_page(world: World) -> None:
    visit = (await world.booked("ananya"))["id"]
    ananya, rao, at = await world.web("ananya"), await world.web("rao"), f"/c/asha/visits/{visit}"
    await prescribed(world, visit)
    assert "Triphala" not in (await ananya.get(at)).text, "a draft is the doctor's own"
    assert (await ananya.get(f"{at}/prescription.pdf")).status_code == 404

    assert (await rao.post(f"{at}/prescription/sign", data={"version": "1"})).status_code == 303

    page = await ananya.get(at)
    assert "Triphala churna" in page.text and "Dinner before eight" in page.text and 'href="/verify/asha-' in page.text
    paper = await ananya.get(f"{at}/prescription.pdf")
    assert paper.headers["content-type"] == "application/pdf" and paper.headers["cache-control"] == "no-store"
    [row] = await world.sql("asha", "SELECT document_sha256 FROM prescriptions")
    assert hashlib.sha256(paper.content).digest() == row["document_sha256"]
    desk = await world.web("farida")
    assert (await desk.get(f"{at}/prescription.pdf")).status_code == 403
    assert "Triphala" not in (await desk.get(at)).text


async def test_home_begins_with_what_comes_next(world: World) -> None:
    ananya = await world.web("ananya")
    assert "No visit is planned" in (await ananya.get("/home")).text

    times = await world.free()
    visits = [await world.booked("ananya", at=times[n]) for n in (0, 3)]
    await held(world, "ananya", times[6])
    page = (await ananya.get("/home")).text
    assert page.index(visits[0]["id"]) < page.index(visits[1]["id"])
    assert "Finish booking" in page and f"/c/asha/visits/{visits[0]['id']}/cancel" in page

    await ananya.post(f"/c/asha/visits/{visits[0]['id']}/cancel")
    page = (await ananya.get("/home")).text
    assert page.index(visits[1]["id"]) < page.index("Past") < page.index(visits[0]["id"])
    assert visits[0]["id"] not in (await (await world.web("kavya")).get("/home")).text
    assert (await (await world.web()).get("/home")).headers["location"] == "/sign-in?next=%2Fhome"


async def test_times_are_in_the_zone_of_the_reader(world: World) -> None:
    visit = await world.booked("ananya", at=(await world.free(mode="in_person"))[0], mode="in_person")
    ananya, at = await world.web("ananya"), datetime.fromisoformat(visit["starts_at"])
    home = ananya.headers["cookie"]
    for zone, hours in (("Asia/Kolkata", 5.5), ("Asia/Dubai", 4)):
        ananya.headers["cookie"] = f"{home}; __Host-zone={zone}"
        page = (await ananya.get(f"/c/asha/visits/{visit['id']}")).text
        local = at + timedelta(hours=hours)
        assert local.strftime("%-I:%M ") in page
        assert ("at the clinic" in page) == (zone == "Asia/Dubai")


async def test_settings_are_kept_and_wrong_ones_explained(world: World) -> None:
    ananya = await world.web("ananya")
    form = {"name": "Ananya D.", "locale": "hi", "zone": "Asia/Dubai"}
    wrong = await ananya.post("/settings", data={**form, "zone": "Mars/Olympus", "name": ""})
    assert wrong.status_code == 422 and wrong.text.count('aria-invalid="true"') == 2
    right = await ananya.post("/settings", data=form)
    assert right.status_code == 303 and right.cookies["__Host-lang"] == "hi"
    page = (await ananya.get("/settings")).text
    assert 'value="Ananya D."' in page and '<option value="Asia/Dubai" selected>' in page
    assert (await (await world.web()).get("/settings")).status_code == 303


async def test_the_desk_does_not_read_why_somebody_comes(world: World) -> None:
    visit = (await world.booked("ananya", reason="Sleeps badly"))["id"]
    for name in ("farida", "gita"):
        page = await (await world.web(name)).get(f"/c/asha/visits/{visit}")
        assert page.status_code == 200 and "Ananya Deshpande" in page.text and "Sleeps badly" not in page.text
    assert (
        (await (await world.web("rao")).get(f"/c/asha/visits/{visit}"))
        .headers["location"]
        .startswith("/c/asha/doctor/visits/")
    )
