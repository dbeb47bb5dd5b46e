"""What the desk does all morning: find, give numbers, book, squeeze in, run the queues."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.cast import IYER, RAO, World
from tests.morning import in_the_morning
from tests.queue.test_queue import booked, second_doctor, somebody
from tests.web.test_desk import visit_today

INDIA = ZoneInfo("Asia/Kolkata")
LATA = {"name": "Lata Joshi", "phone": "98765 43210", "doctor_id": str(RAO)}


async def walk_in(browser: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await browser.post("/c/asha/walk-in", data={**LATA, **form})


async def patient_of(world: World, visit: str) -> str:
    [row] = await world.sql("asha", "SELECT patient_id FROM appointments WHERE id = $1", UUID(visit))
    return str(row[0])


async def test_somebody_without_a_booking_gets_a_number_in_three_fields(world: World) -> None:
    farida = await world.web("farida")
    form = (await farida.get("/desk")).text
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert 'action="/c/asha/walk-in"' in form and key

    answer = await walk_in(farida, next="/desk?clinic=asha&doctor=", key=key[1])

    assert answer.status_code == 303 and answer.headers["location"].startswith("/desk?clinic=asha&doctor=&given=")
    page = (await farida.get(answer.headers["location"])).text
    assert "Lata Joshi has a number and waits." in page and "Walk-in" in page
    [row] = await world.sql(
        "asha", "SELECT name, phone, no FROM queue_entries JOIN appointments ON id = appointment_id"
        " JOIN patients p ON p.id = patient_id"
    )  # fmt: skip
    assert tuple(row) == ("Lata Joshi", "+919876543210", 1)
    again = await walk_in(farida, next="/desk?clinic=asha&doctor=", key=key[1])
    assert again.headers["location"] == answer.headers["location"], "the same form sent twice gives one number"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"name": " "}, "Please give the name"), ({"phone": "call me"}, "This is not a telephone number.")],
)
async def test_what_was_typed_at_the_desk_stays_when_it_is_refused(
    world: World, wrong: dict[str, str], words: str
) -> None:
    page = await walk_in(await world.web("farida"), **wrong)
    assert page.status_code == 422 and words in page.text
    kept = {**LATA, **wrong}
    assert f'value="{kept["phone"]}"' in page.text and f'value="{kept["name"]}"' in page.text
    assert not await world.sql("asha", "SELECT 1 FROM patients WHERE name = 'Lata Joshi'")


async def test_the_same_person_twice_is_one_patient_who_waits_once(world: World) -> None:
    farida = await world.web("farida")
    assert (await walk_in(farida)).status_code == 303
    page = await walk_in(farida, name="lata joshi", phone="+91 98765-43210")
    assert page.status_code == 409 and "There is already a visit at this time." in page.text
    assert "Lata Joshi" in page.text and "…3210" in page.text, "who it is, and that she is here"
    assert len(await world.sql("asha", "SELECT 1 FROM patients WHERE name = 'Lata Joshi'")) == 1
    await world.sql("asha", "UPDATE appointments SET status = 'completed' WHERE placed = 'walk_in'")
    assert (await walk_in(farida)).status_code == 303, "in the afternoon she comes again"
    assert (await walk_in(farida, phone="98765 00000")).status_code == 303, "another Lata Joshi"
    assert len(await world.sql("asha", "SELECT 1 FROM patients WHERE name = 'Lata Joshi'")) == 2


async def test_a_patient_is_found_by_name_telephone_and_number(world: World) -> None:
    visit, farida = await visit_today(world), await world.web("farida")
    await walk_in(farida)
    for words in ("lata", "JOSHI lat", "3210", "9876543210", "1"):
        page = (await farida.get("/c/asha/find", params={"q": words})).text
        assert "Lata Joshi" in page and "…3210" in page and "Ananya" not in page, words
        assert "98765" not in page.replace("9876543210", ""), "no more than she needs"
    for nobody in ("x", "321", "7777", "%", "\\", "Nobody At All", ""):
        page = (await farida.get("/c/asha/find", params={"q": nobody})).text
        assert "Lata" not in page and "Ananya" not in page, nobody
    page = (await farida.get("/c/asha/find", params={"q": "ananya"})).text
    assert f"/c/asha/visits/{visit}/check-in" in page
    who = await patient_of(world, visit)
    assert f"/c/asha/book?patient={who}" in page and f"/c/asha/walk-in?patient={who}" in page
    back = {"next": "/c/asha/find?q=ananya"}
    await farida.post(f"/c/asha/visits/{visit}/check-in", data=back)
    page = (await farida.get("/c/asha/find?q=2")).text
    assert "Ananya Deshpande" in page and "check-in" not in page and "Has arrived" in page
    found = await world.sql("asha", "SELECT count(*) FROM audit_entries WHERE action = 'find'")
    assert found[0][0] > 0, "whoever was looked for can see it"


async def test_who_is_known_already_gets_a_number_without_typing(world: World) -> None:
    farida, who = await world.web("farida"), await somebody(world, "Mohan Lal")
    page = (await farida.get(f"/c/asha/walk-in?patient={who}")).text
    assert "Mohan Lal" in page and f'name="patient_id" value="{who}"' in page
    answer = await farida.post("/c/asha/walk-in", data={"patient_id": who, "doctor_id": str(RAO)})
    assert "Mohan Lal has a number" in (await farida.get(answer.headers["location"])).text
    for nobody in (str(RAO), "nobody"):
        assert (await farida.get(f"/c/asha/walk-in?patient={nobody}")).status_code in (200, 404)
        form = {"patient_id": nobody, "doctor_id": str(RAO)}
        assert (await farida.post("/c/asha/walk-in", data=form)).status_code == 404


async def test_the_desk_books_for_somebody_new(world: World) -> None:
    farida = await world.web("farida")
    assert "Somebody new" in (await farida.get("/c/asha/book")).text
    refused = await farida.post("/c/asha/book/somebody", data={"name": "Lata Joshi", "phone": "x"})
    assert refused.status_code == 422 and 'value="Lata Joshi"' in refused.text
    answer = await farida.post("/c/asha/book/somebody", data={"name": "Lata Joshi", "phone": "9876543210"})
    times = (await farida.get(answer.headers["location"])).text
    at = re.findall(r'name="starts_at" value="([^"]+)"', times)[-1]
    who = re.search(r"patient=([0-9a-f-]{36})", answer.headers["location"])
    kind = re.search(r'name="mode" value="(\w+)"', times)
    assert who and kind and "Lata Joshi" in times
    form = {"patient_id": who[1], "doctor_id": str(RAO), "mode": kind[1], "starts_at": at, "key": "k"}

    booked = await farida.post("/c/asha/book", data=form)

    day = datetime.fromisoformat(at).astimezone(INDIA).date()
    assert booked.headers["location"] == f"/desk?clinic=asha&day={day}"
    assert "Lata Joshi" in (await farida.get(booked.headers["location"])).text
    assert (await farida.post("/c/asha/book", data=form)).status_code == 303, "once, though sent twice"
    assert len(await world.sql("asha", "SELECT 1 FROM appointments")) == 1
    taken = await farida.post("/c/asha/book", data={**form, "patient_id": await somebody(world), "key": "other"})
    assert taken.status_code == 409 and "Somebody has just taken this time" in taken.text
    assert taken.text.count('class="btn lg"') == 3, "three other times, one tap each"


async def test_over_a_conflict_only_with_a_reason(world: World) -> None:
    taken = await world.booked("ananya")
    at = datetime.fromisoformat(taken["starts_at"]).astimezone(INDIA)
    who, farida = await somebody(world, "Mohan Lal"), await world.web("farida")
    form = {"patient_id": who, "doctor_id": str(RAO), "mode": "video", "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"}
    for wrong in ({"why": ""}, {"why": "x"}, {"why": "fell down", "time": "noon"}, {"why": "fell down", "date": ""}):
        refused = await farida.post("/c/asha/book/squeeze-in", data={**form, **wrong})
        assert refused.status_code == 422 and 'aria-invalid="true"' in refused.text, wrong
        assert f'value="{ {**form, **wrong}["time"] }"' in refused.text and 'id="squeeze" open' in refused.text

    answer = await farida.post("/c/asha/book/squeeze-in", data={**form, "why": "fell down the stairs"})

    assert answer.status_code == 303
    page = (await farida.get(answer.headers["location"])).text
    assert "Squeezed in" in page and "Mohan Lal" in page
    rows = await world.sql("asha", "SELECT starts_at FROM appointments")
    assert len(rows) == 2 and rows[0] == rows[1]
    same = await farida.post("/c/asha/book/squeeze-in", data={**form, "why": "fell down again"})
    assert same.status_code == 409 and "There is already a visit at this time." in same.text


async def test_a_course_is_booked_whole_or_not_at_all(world: World) -> None:
    first = (await world.free(mode="in_person"))[0].astimezone(INDIA)
    third = first + timedelta(days=4)
    await world.booked("ananya", at=third.astimezone(UTC), mode="in_person")
    farida, who = await world.web("farida"), await somebody(world, "Mohan Lal")
    form = {
        "patient_id": who,
        "doctor_id": str(RAO),
        "mode": "in_person",
        "date": f"{first:%Y-%m-%d}",
        "time": f"{first:%H:%M}",
        "visits": "4",
        "every": "2",
        "unit": "days",
    }
    refused = await farida.post("/c/asha/book/course", data=form)
    assert refused.status_code == 409 and "Nothing was booked" in refused.text
    assert "somebody else has this time" in refused.text and "free:" in refused.text
    assert 'name="visits"' in refused.text and 'value="4"' in refused.text
    for wrong in ({"visits": "1"}, {"visits": "31"}, {"every": "0"}, {"every": "many"}, {"date": "9999-12-31"}):
        again = await farida.post("/c/asha/book/course", data={**form, **wrong})
        assert again.status_code == 422, wrong
    assert len(await world.sql("asha", "SELECT 1 FROM appointments")) == 1

    answer = await farida.post("/c/asha/book/course", data={**form, "every": "1", "unit": "weeks"})

    assert answer.status_code == 303
    rows = await world.sql("asha", "SELECT starts_at, kind FROM appointments WHERE series_id IS NOT NULL ORDER BY 1")
    assert [row["starts_at"] for row in rows] == [first + timedelta(weeks=k) for k in range(4)]


async def test_the_queue_is_run_with_a_script_and_without(world: World) -> None:
    await second_doctor(await in_the_morning(world))
    farida, names = await world.web("farida"), ("Mohan Lal", "Nita Rao", "Om Das")
    visits = [await booked(world, at=5, patient=await somebody(world, name)) for name in names]
    for visit in visits:
        await farida.post(f"/c/asha/visits/{visit}/check-in", data={"next": "/c/asha/queue"})
    queue, fragment = "/c/asha/queue", {"x-fragment": "board"}

    plain = await farida.post(f"{queue}/call-next", data={"doctor_id": str(RAO)})
    assert plain.status_code == 303 and plain.headers["location"] == queue
    drawn = await farida.post(f"{queue}/call-next", data={"doctor_id": str(RAO)}, headers=fragment)
    assert drawn.status_code == 200 and drawn.text.lstrip().startswith('<div id="board"')
    assert drawn.text.count("Call again") == 2
    nobody = await farida.post(f"{queue}/call-next", data={"doctor_id": str(IYER)}, headers=fragment)
    assert nobody.status_code == 409 and nobody.json()["detail"] == "Nobody is waiting."
    page = await farida.post(f"{queue}/call-next", data={"doctor_id": str(IYER)})
    assert page.status_code == 409 and "Nobody is waiting." in page.text

    skipped = await farida.post(f"{queue}/{visits[0]}/skip", headers=fragment)
    assert "Skipped" in skipped.text and "Is back" in skipped.text
    assert "Skipped" not in (await farida.post(f"{queue}/{visits[0]}/recall", headers=fragment)).text
    first = await farida.post(f"{queue}/{visits[2]}/priority", data={"priority": "elderly"}, headers=fragment)
    assert first.status_code == 422 and first.json()["detail"] == "Please say why."
    form = {"priority": "elderly", "why": "is ninety"}
    first = await farida.post(f"{queue}/{visits[2]}/priority", data=form, headers=fragment)
    assert "Elderly" in first.text and "is ninety" in first.text
    form = {"doctor_id": str(IYER), "why": "she asked for him"}
    handed = await farida.post(f"{queue}/{visits[1]}/transfer", data=form, headers=fragment)
    hers = handed.text.index("Nita Rao"), handed.text.index(f'id="b-{IYER}"'), handed.text.index(f'id="b-{RAO}"')
    assert hers[1] < hers[0] < hers[2]
    late = await farida.post(f"{queue}/late", data={"doctor_id": str(RAO), "minutes": "20"}, headers=fragment)
    assert "20 min late" in late.text
    assert "About 20 minutes late" in (await (await world.web()).get("/c/asha/screen")).text


async def test_a_doctor_runs_her_own_queue_alone(world: World) -> None:
    await second_doctor(await in_the_morning(world))
    rao, queue = await world.web("rao"), "/c/asha/queue"
    visit = await booked(world, at=5)
    await (await world.web("farida")).post(f"/c/asha/visits/{visit}/check-in", data={})
    page = (await rao.get("/doctor")).text
    assert f"{queue}?doctor={RAO}" in page and 'action="/c/asha/queue/late"' in page
    hers = (await rao.get(f"{queue}?doctor={RAO}")).text
    assert "Dr Meera Rao" in hers and "Arvind" not in hers and "/c/asha/door" not in hers
    assert (await rao.get(f"{queue}?doctor={IYER}")).status_code == 404
    late = await rao.post(f"{queue}/late", data={"doctor_id": str(RAO), "minutes": "30", "next": "/doctor"})
    assert late.headers["location"] == "/doctor"
    assert "30 min late" in (await rao.get("/doctor")).text
    assert (await rao.post(f"{queue}/late", data={"doctor_id": str(IYER), "minutes": "30"})).status_code == 404


async def test_requests_are_answered_and_the_patient_reads_why(world: World) -> None:
    await world.sql("asha", "UPDATE house_rules SET booking = 'requested'")
    times = await world.free()
    yes, no = await world.booked("ananya", at=times[0]), await world.booked("kavya", at=times[3])
    farida, rao = await world.web("farida"), await world.web("rao")
    for browser in (farida, rao):
        page = (await browser.get("/c/asha/requests")).text
        assert "Ananya Deshpande" in page and "Kavya Deshpande" in page
    assert "2 to answer" in (await rao.get("/doctor")).text
    day = times[0].astimezone(INDIA).date()
    assert "to answer" in (await farida.get(f"/desk?day={day}")).text

    answer = await farida.post(f"/c/asha/visits/{yes['id']}/confirm", data={})
    assert answer.headers["location"] == "/c/asha/requests"
    refused = await rao.post(f"/c/asha/visits/{no['id']}/decline", data={"why": " "})
    assert refused.status_code == 422 and "Kavya" in refused.text and "open" in refused.text
    assert (await rao.post(f"/c/asha/visits/{no['id']}/decline", data={"why": "We are closed."})).status_code == 303

    assert "Confirmed" in (await (await world.web("ananya")).get(f"/c/asha/visits/{yes['id']}")).text
    page = (await (await world.web("kavya")).get(f"/c/asha/visits/{no['id']}")).text
    assert "Declined" in page and "We are closed." in page
    again = await farida.post(f"/c/asha/visits/{no['id']}/confirm", data={})
    assert again.status_code == 409 and "Nobody waits for an answer" in again.text


async def test_the_desk_is_nobody_elses(world: World) -> None:
    who, at = await somebody(world, "Mohan Lal"), (await world.free())[0].isoformat()
    wish = {"patient_id": who, "doctor_id": str(RAO), "mode": "video"}
    posts: dict[str, dict[str, str]] = {
        "walk-in": LATA,
        "book": {**wish, "starts_at": at},
        "book/somebody": {"name": "Lata", "phone": ""},
        "book/squeeze-in": {**wish, "date": "2030-01-01", "time": "10:00", "why": "urgent"},
        "book/course": {**wish, "date": "2030-01-01", "time": "10:00"},
    }
    for name in ("ananya", "rao", "hari", "indu", "jaya"):
        browser = await world.web(name)
        for path in ("find?q=mohan", f"walk-in?patient={who}", f"book?patient={who}", "door"):
            assert (await browser.get(f"/c/asha/{path}")).status_code == 404, (name, path)
        for path, form in posts.items():
            assert (await browser.post(f"/c/asha/{path}", data=form)).status_code == 404, (name, path)
    farida = await world.web("farida")
    for path, form in posts.items():
        assert (await farida.post(f"/c/nadi/{path}", data=form)).status_code == 404, path
    assert not await world.sql("asha", "SELECT 1 FROM appointments")
