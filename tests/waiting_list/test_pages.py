"""The waiting list in a browser without scripts: for the patient, and for the desk."""

import re

from svastha.kit.ids import uuid7
from tests.cast import RAO, World
from tests.waiting_list.waiting import day, entry, frees, full, joins, offers


def form_of(**more: str) -> dict[str, str | list[str]]:
    """As it is sent on this day."""
    return {
        "whom": str(RAO),
        "mode": "video",
        "first_day": day(2),
        "last_day": day(2),
        "parts": ["morning", "afternoon"],
        "weekdays": [str(n) for n in range(1, 8)],
        **more,
    }


async def test_from_a_full_day_to_a_visit(world: World) -> None:
    [at] = await full(world)
    ananya = await world.web("ananya")
    assert "You are waiting for nothing" in (await ananya.get("/waiting")).text
    await world.sql("asha", "DELETE FROM weekly_hours")
    await world.settle()
    doctor = await ananya.get(f"/doctors/{RAO}?clinic=asha&mode=video")
    [link] = re.findall(r'href="(/c/asha/waiting/new[^"]+)"', doctor.text)
    form = await ananya.get(link.replace("&amp;", "&"))
    assert form.status_code == 200 and f'value="{RAO}" selected' in form.text

    wrong = await ananya.post("/c/asha/waiting", data=form_of(last_day=day(1), key="k"))
    assert wrong.status_code == 422 and "The last day is not before the first." in wrong.text
    joined = await ananya.post("/c/asha/waiting", data=form_of(key="k"))
    assert joined.status_code == 303, joined.text
    again = await ananya.post("/c/asha/waiting", data=form_of(key="other"))
    assert again.status_code == 409 and 'value="other"' in again.text
    page = joined.headers["location"]
    assert "You are next; nobody else is waiting for this." in (await ananya.get(page)).text
    assert "Dr Meera Rao" in (await ananya.get("/waiting")).text

    await world.sql(
        "asha",
        "INSERT INTO weekly_hours (id, doctor_id, weekday, opens, closes, modes)"
        " SELECT gen_random_uuid(), $1, d, '12:00', '12:20', '{video}' FROM generate_series(1, 7) d",
        RAO,
    )
    await frees(world, at)
    await world.settle()
    for where in ("/waiting", page):
        shown = (await ananya.get(where)).text
        assert "data-countdown" in shown and f'action="{page}/accept"' in shown
    assert "no longer" not in (await ananya.get("/home")).text
    booked = await ananya.post(f"{page}/accept", data={"key": "yes"})
    assert booked.status_code == 303 and "/visits/" in booked.headers["location"]
    assert (await ananya.post(f"{page}/accept", data={"key": "yes"})).headers["location"] == booked.headers["location"]
    late = await ananya.post(f"{page}/decline")
    assert late.status_code == 409 and "This offer is over." in late.text
    assert booked.headers["location"] in (await ananya.get(page)).text


async def test_no_thank_you_and_leaving(world: World) -> None:
    [at] = await full(world)
    ananya, kavya = await world.web("ananya"), await world.web("kavya")
    mine = await joins(await world.api("ananya"))
    page = f"/c/asha/waiting/{mine['id']}"
    await frees(world, at)
    await world.settle()
    assert (await kavya.get(page)).status_code == 404
    assert (await kavya.post(f"{page}/accept")).status_code == 404
    assert (await ananya.post(f"{page}/decline")).headers["location"] == page
    assert "not wanted" in (await ananya.get(page)).text
    assert (await ananya.post(f"{page}/leave")).headers["location"] == "/waiting"
    assert "Left the list" in (await ananya.get("/waiting")).text
    nobody = await (await world.web()).get(page)
    assert nobody.status_code == 303 and nobody.headers["location"].startswith("/sign-in")


async def test_the_desk_sees_the_line_and_adds_somebody(world: World) -> None:
    [at] = await full(world)
    farida = await world.web("farida")
    assert "Nobody is waiting" in (await farida.get("/c/asha/waiting-list")).text
    mine = await joins(await world.api("ananya"))
    patient = uuid7()
    await world.sql("asha", "INSERT INTO patients (id, name, email) VALUES ($1, 'Old Mr Patil', '')", patient)
    form = await farida.get(f"/c/asha/waiting/new?patient_id={patient}")
    assert "Old Mr Patil" in form.text
    joined = await farida.post("/c/asha/waiting", data=form_of(key="k", whom="", patient_id=str(patient)))
    assert joined.status_code == 303, joined.text
    await frees(world, at)
    await world.settle()
    shown = (await farida.get(f"/c/asha/waiting-list?doctor={RAO}")).text
    assert shown.index("Ananya Deshpande") < shown.index("Old Mr Patil")
    assert "is offered until" in shown
    assert (await farida.get("/c/asha/waiting-list?doctor=odd")).status_code == 404
    assert (await (await world.web("ananya")).get("/c/asha/waiting-list")).status_code == 404
    assert (await (await world.web("ananya")).get(f"/c/asha/waiting/new?patient_id={patient}")).status_code == 404

    yes = await farida.post(f"/c/asha/waiting/{mine['id']}/accept", data={"key": "k"})
    assert yes.status_code == 303, "the patient has called"
    assert (await entry(await world.api("ananya"), mine["id"]))["state"] == "taken"
    assert (await farida.post(f"{joined.headers['location']}/leave")).headers["location"] == "/c/asha/waiting-list"
    assert len(await offers(world)) == 1
