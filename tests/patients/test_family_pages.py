"""The same in a browser: registering, booking for somebody, asking a second guardian, ending."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from tests.cast import IDS, RAO, World, email

MEERA = {"clinic": "asha", "name": "Meera Deshpande", "birth_date": "2019-03-02", "sex": "female", "relation": "mother"}


async def registered(world: World) -> tuple[httpx.AsyncClient, str]:
    """Ananya's browser, and the patient she acts for now."""
    ananya = await world.web("ananya")
    assert (await ananya.post("/family/new", data=MEERA)).headers["location"] == "/family"
    [row] = await world.sql("asha", "SELECT id FROM patients WHERE account_id IS NULL")
    return ananya, str(row["id"])


async def asked(world: World, ananya: httpx.AsyncClient, patient_id: str = "") -> str:
    """Where Kavya answers."""
    form = {"patient": patient_id, "contact": email("kavya"), "relation": "relative"}
    assert (await ananya.post("/c/asha/family/invite", data=form)).headers["location"] == "/family"
    await world.settle()
    found = re.search(r"/c/asha/guardian-invitations/[0-9a-f-]{36}", world.mail("kavya")[0].text)
    assert found
    return found[0]


async def booked(world: World, client: httpx.AsyncClient, patient_id: str) -> str:
    """Through the pages, from the free times on; the path of the visit."""
    at = (await world.free())[0]
    wish = {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": "video", "patient_id": patient_id}
    held = (await client.post("/c/asha/holds", data=wish)).headers["location"]
    page = (await client.get(held)).text
    assert "For whom" in page and "Meera Deshpande" in page
    form: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert form["patient_id"] == patient_id
    return str((await client.post("/c/asha/appointments", data=form | {"reason": "Cough"})).headers["location"])


async def test_registering_says_what_is_wrong_and_keeps_what_was_typed(world: World) -> None:
    ananya = await world.web("ananya")
    assert "You act for nobody" in (await ananya.get("/family")).text
    for wrong, said in (
        ({"birth_date": "soon"}, "day of birth"),
        ({"birth_date": "2999-01-01"}, "day of birth"),
        ({"relation": "boss"}, "Choose one of these"),
        ({"clinic": ""}, "Choose one of these"),
        ({"birth_date": "1948-01-30"}, "say that you are allowed"),
    ):
        answer = await ananya.post("/family/new", data=MEERA | wrong)
        assert answer.status_code == 422 and said in answer.text and 'value="Meera Deshpande"' in answer.text
    assert (await ananya.post("/family/new", data=MEERA | {"clinic": "nowhere"})).status_code == 404
    await registered(world)
    page = (await ananya.get("/family")).text
    assert "Meera Deshpande" in page and "born 2 Mar 2019" in page and "2037" in page
    assert (await ananya.post("/family/new", data=MEERA)).status_code == 409
    assert "Meera" not in (await (await world.web("kavya")).get("/family")).text
    hindi = await ananya.get("/family", headers={"accept-language": "hi"})
    assert "परिवार" in hindi.text


async def test_each_page_about_her_child_says_so(world: World) -> None:
    ananya, meera = await registered(world)
    assert f'value="{meera}"' in (await ananya.get(f"/doctors/{RAO}")).text
    visit = await booked(world, ananya, meera)
    assert "The visit of Meera Deshpande" in (await ananya.get(visit)).text
    assert "For Meera Deshpande" in (await ananya.get("/home")).text
    assert "For Meera Deshpande" in (await ananya.get(f"{visit}/cancel")).text
    assert "Meera Deshpande" in (await ananya.get("/record/seen", params={"patient": meera})).text
    soon = datetime.now(UTC) + timedelta(minutes=5)
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = $2::timestamptz, ends_at = $2::timestamptz + interval '20 minutes'"
        " WHERE id = $1",
        UUID(visit.rpartition("/")[2]),
        soon,
    )
    assert "For Meera Deshpande" in (await ananya.get(f"{visit}/room")).text
    for name in ("kavya", "hari"):
        stranger = await world.web(name)
        for path in (visit, f"{visit}/room", f"{visit}/cancel", f"/record/seen?patient={meera}"):
            assert (await stranger.get(path)).status_code == 404, path
        wish = {"doctor_id": str(RAO), "starts_at": soon.isoformat(), "mode": "video", "patient_id": meera}
        assert (await stranger.post("/c/asha/holds", data=wish)).status_code == 404
        invite = {"patient": meera, "contact": email("hari"), "relation": "carer"}
        assert (await stranger.post("/c/asha/family/invite", data=invite)).status_code == 404
        assert (await stranger.get("/c/asha/family/invite", params={"patient": meera})).status_code == 404


async def test_a_second_guardian_says_no_then_yes(world: World) -> None:
    ananya, meera = await registered(world)
    visit = await booked(world, ananya, meera)
    wrong = await ananya.post(
        "/c/asha/family/invite", data={"patient": meera, "contact": "nothing", "relation": "carer", "until": "then"}
    )
    assert wrong.status_code == 422 and 'value="nothing"' in wrong.text
    path = await asked(world, ananya, meera)
    assert "kavya@cast.test" in (await ananya.get("/family")).text
    nobody, hari, kavya = await world.web(), await world.web("hari"), await world.web("kavya")
    assert (await nobody.get(path)).headers["location"].startswith("/sign-in?next=")
    for answer in (await hari.get(path), await hari.post(f"{path}/accept"), await hari.post(f"{path}/decline")):
        assert answer.status_code == 404 and "another address" in answer.text and "Meera" not in answer.text
    page = await kavya.get(path)
    assert page.status_code == 200 and "Act for Meera Deshpande?" in page.text, "looking changes nothing"
    assert (await kavya.post(f"{path}/decline")).status_code == 303
    assert (await kavya.post(f"{path}/accept")).status_code == 404, "no is no"
    await world.settle()
    told = world.mail("ananya")[0]
    assert "declined" in told.subject and "Meera Deshpande" in told.text and "Kavya" not in told.text
    assert (await kavya.get(visit)).status_code == 404
    assert (await kavya.post(f"{await asked(world, ananya, meera)}/accept")).headers["location"] == "/family"
    assert "The visit of Meera Deshpande" in (await kavya.get(visit)).text
    assert "Meera Deshpande" in (await kavya.get("/family")).text
    await world.settle()
    for name in ("ananya", "kavya"):
        assert "from now on Kavya Deshpande acts for Meera Deshpande" in world.mail(name)[0].text
    again = await kavya.post(f"{await asked(world, ananya, meera)}/accept")
    assert again.status_code == 409 and "acts for the patient already" in again.text


async def test_an_invitation_is_taken_back(world: World) -> None:
    ananya, kavya = await world.web("ananya"), await world.web("kavya")
    path = await asked(world, ananya)
    assert (await kavya.post(f"{path}/revoke")).status_code == 404
    assert (await ananya.post(f"{path}/revoke")).headers["location"] == "/family"
    assert (await kavya.get(path)).status_code == 404
    assert (await ananya.post(f"{path}/revoke")).status_code == 404
    late = await asked(world, ananya)
    await world.sql("asha", "UPDATE guardian_invitations SET expires_at = now()")
    assert (await kavya.post(f"{late}/accept")).status_code == 404


async def test_the_desk_ends_it_on_a_page_and_says_why(world: World) -> None:
    ananya, meera = await registered(world)
    visit = await booked(world, ananya, meera)
    farida, hari = await world.web("farida"), await world.web("hari")
    found = re.search(r"/c/asha/guardians/[0-9a-f-]{36}/end", (await farida.get(visit)).text)
    assert found
    for name in ("hari", "kavya", "indu"):
        stranger = await world.web(name)
        assert (await stranger.get(found[0])).status_code == 404
        assert (await stranger.post(found[0], data={"why": "x"})).status_code == 404
    assert "Ananya Deshpande no longer act for Meera Deshpande" in (await farida.get(found[0])).text
    unsaid = await farida.post(found[0], data={"why": ""})
    assert unsaid.status_code == 422 and "say why" in unsaid.text
    assert (await ananya.get(visit)).status_code == 200
    assert (await farida.post(found[0], data={"why": "Court order seen"})).headers["location"] == "/desk"
    assert (await ananya.get(visit)).status_code == 404
    assert (await hari.get(found[0])).status_code == 404
    await world.settle()
    assert "Court order seen" in world.mail("ananya")[0].text


async def test_whoever_acts_ends_it_herself(world: World) -> None:
    ananya, meera = await registered(world)
    visit = await booked(world, ananya, meera)
    found = re.search(r"/c/asha/guardians/[0-9a-f-]{36}/end", (await ananya.get("/family")).text)
    assert found
    page = (await ananya.get(found[0])).text
    assert "No longer act for Meera Deshpande?" in page and 'name="why"' not in page
    assert (await ananya.post(found[0], data={})).headers["location"] == "/family"
    assert (await ananya.get(visit)).status_code == 404
    [row] = await world.sql("asha", "SELECT ended_by, ended_why FROM guardianships")
    assert (row["ended_by"], row["ended_why"]) == (IDS["ananya"], None)
