"""The desk, the clinic's own page, and the platform's."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.cast import IYER, RAO, World


async def visit_today(world: World) -> str:
    """Ananya's visit at the clinic, that begins now."""
    times = await world.free(mode="in_person")
    visit: str = (await world.booked("ananya", at=times[0], mode="in_person", reason="Private"))["id"]
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now(), ends_at = now() + interval '30 minutes' WHERE id = $1",
        visit,
    )
    return visit


async def test_the_desk_sees_the_whole_day_but_not_why(world: World) -> None:
    visit = await visit_today(world)
    for name in ("farida", "gita"):
        page = (await (await world.web(name)).get("/desk")).text
        assert visit in page and "Ananya Deshpande" in page and "Dr Meera Rao" in page and "Private" not in page
    assert visit not in (await (await world.web("hari")).get("/desk")).text
    another = datetime.now(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=30)
    assert visit not in (await (await world.web("farida")).get(f"/desk?day={another}")).text


@pytest.mark.parametrize("name", ["ananya", "rao", "indu", "jaya"])
async def test_only_the_desk_has_a_desk(world: World, name: str) -> None:
    assert (await (await world.web(name)).get("/desk")).status_code == 404


async def test_the_desk_of_another_clinic_does_not_exist(world: World) -> None:
    assert (await (await world.web("farida")).get("/desk?clinic=asha")).status_code == 200
    for slug in ("asha", "none"):
        assert (await (await world.web("hari")).get(f"/desk?clinic={slug}")).status_code == 404
    assert (await (await world.web()).get("/desk")).headers["location"] == "/sign-in?next=%2Fdesk"


async def test_the_day_can_be_narrowed_to_one_doctor(world: World) -> None:
    visit = await world.booked("ananya")
    day = datetime.fromisoformat(visit["starts_at"]).astimezone(ZoneInfo("Asia/Kolkata")).date()
    farida = await world.web("farida")
    assert visit["id"] in (await farida.get(f"/desk?day={day}&doctor={RAO}")).text
    assert visit["id"] not in (await farida.get(f"/desk?day={day}&doctor={IYER}")).text


async def test_who_arrives_is_checked_in_and_the_doctor_sees_it(world: World) -> None:
    visit = await visit_today(world)
    farida, at = await world.web("farida"), f"/c/asha/visits/{visit}/check-in"
    assert at in (await farida.get("/desk")).text
    assert (await (await world.web("hari")).post(at)).status_code == 404
    assert (await (await world.web("ananya")).post(at)).status_code == 409, "a waiting room is for visits by video"

    answer = await farida.post(at, data={"next": "/desk?clinic=asha"})

    assert answer.status_code == 303 and answer.headers["location"] == "/desk?clinic=asha"
    assert "1 waiting" in (await (await world.web("rao")).get("/doctor")).text
    page = await (await world.web("ananya")).get(f"/c/asha/visits/{visit}")
    assert "Arrived" in page.text and "by the clinic" in page.text


async def test_the_desk_cancels_with_a_reason_that_the_patient_reads(world: World) -> None:
    visit = await visit_today(world)
    farida, at = await world.web("farida"), f"/c/asha/visits/{visit}/cancel"
    asked = await farida.get(f"{at}?next=%2Fdesk%3Fclinic%3Dasha")
    assert 'name="why"' in asked.text and 'value="/desk?clinic=asha"' in asked.text

    answer = await farida.post(at, data={"next": "/desk?clinic=asha", "why": "The doctor is ill"})

    assert answer.headers["location"] == "/desk?clinic=asha"
    page = await (await world.web("ananya")).get(f"/c/asha/visits/{visit}")
    assert "The doctor is ill" in page.text and "by the clinic" in page.text
    await world.settle()
    assert any("cancelled" in letter.subject for letter in world.mail("ananya"))


async def test_the_desk_marks_who_did_not_come(world: World) -> None:
    visit = await visit_today(world)
    farida = await world.web("farida")
    assert f"{visit}/no-show" in (await farida.get("/desk")).text
    answer = await farida.post(f"/c/asha/visits/{visit}/no-show")
    assert answer.status_code == 303 and answer.headers["location"] == "/desk"
    assert "Missed" in (await farida.get("/desk")).text


async def test_a_clinic_is_shown_to_whoever_runs_it(world: World) -> None:
    await world.booked("ananya")
    await world.settle()
    page = await (await world.web("gita")).get("/c/asha/admin")
    assert page.status_code == 200
    for words in ("Dr Meera Rao", "00:00–00:00", "₹400", "Farida Sheikh", "Reception", "Visit confirmed"):
        assert words in page.text
    assert "Ananya" not in page.text and "@cast.test" not in page.text, "neither addressee nor address"
    for name in ("ananya", "rao", "farida", "hari", "indu", "jaya"):
        assert (await (await world.web(name)).get("/c/asha/admin")).status_code == 404, name
    assert (await (await world.web("gita")).get("/c/nadi/admin")).status_code == 404


async def test_what_is_stuck_is_said(world: World) -> None:
    gita, jaya = await world.web("gita"), await world.web("jaya")
    assert "Nothing is stuck" in (await gita.get("/c/asha/admin")).text
    await world.booked("ananya")
    await world.sql("asha", "UPDATE jobs SET set_aside_at = now() WHERE id = (SELECT id FROM jobs LIMIT 1)")
    assert "1 task was set aside" in (await gita.get("/c/asha/admin")).text
    assert "badge bad" in (await jaya.get("/platform")).text
