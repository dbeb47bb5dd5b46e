"""The pages of a doctor who shows that she is one, and of the desk that looks at it."""

import re

import httpx

from tests.cast import IDS, IYER, RAO, World
from tests.doctors.applying import PDF, WHOLE, applied

HOME = "/doctor/onboarding"
STEPS = {
    "you": {"name": "Dr Kavya Deshpande", "gender": "female", "languages": ["mr", "hi"]},
    "registration": {
        "council_code": "MH",
        "registration_no": "I-12345-A",
        "registered_on": "2015-06-01",
        "valid_to": "",
    },
    "degrees": {"degree0": "BAMS", "subject0": "", "university0": "MUHS Nashik", "year0": "2014", "degree1": ""},
    "practice": {"specialties": ["kayachikitsa"], "about": "Calm.\r\nKind."},
}


async def send(page: httpx.AsyncClient, kind: str, content: bytes = PDF) -> httpx.Response:
    return await page.post(f"{HOME}/documents", data={"kind": kind}, files={"file": ("a.pdf", content)})


async def test_one_step_after_the_other(world: World) -> None:
    kavya = await world.web("kavya")
    assert "Begin" in (await kavya.get(HOME)).text
    assert (await kavya.get(f"{HOME}/documents")).headers["location"] == f"{HOME}/you", "that comes later"
    for (step, form), following in zip(STEPS.items(), [*list(STEPS)[1:], "documents"], strict=True):
        assert (await kavya.get(f"{HOME}/{step}")).status_code == 200
        assert (await kavya.post(f"{HOME}/{step}", data=form)).headers["location"] == f"{HOME}/{following}"
    assert "I-12345-A" in (await kavya.get(f"{HOME}/registration")).text, "taken up again"
    assert (await kavya.post(f"{HOME}/submit")).status_code == 422
    for kind in ("registration", "degree", "identity"):
        assert (await send(kavya, kind)).headers["location"] == f"{HOME}/documents"
    [link] = set(re.findall(rf"{HOME}/documents/[0-9a-f-]+", (await kavya.get(f"{HOME}/documents")).text)) & {
        f"{HOME}/documents/{row['id']}"
        for row in await world.sql(None, "SELECT id FROM doctor_documents WHERE kind = 'identity'")
    }
    assert (await kavya.get(link)).content == PDF
    assert "Hand in" in (await kavya.get(HOME)).text
    assert (await kavya.post(f"{HOME}/submit")).status_code == 303
    assert "We are looking at your registration" in (await kavya.get(HOME)).text


async def test_what_was_typed_comes_back_with_what_is_wrong(world: World) -> None:
    kavya = await world.web("kavya")
    await kavya.post(f"{HOME}/you", data=STEPS["you"])
    for step, form, words in (
        (
            "registration",
            {"registration_no": "K 77", "registered_on": "yesterday"},
            ("K 77", "This day cannot be right"),
        ),
        ("degrees", {"degree0": "MD", "university0": "Pune", "year0": "no"}, ("Pune", "This year cannot be right")),
        ("you", {"name": "", "gender": "female"}, ("Please give your name",)),
    ):
        answer = await kavya.post(f"{HOME}/{step}", data=form)
        assert answer.status_code == 422 and all(said in answer.text for said in words), step
    refused = await send(kavya, "identity", b"<html>")
    assert refused.status_code == 422 and "PDF, JPEG or PNG" in refused.text
    assert (await send(kavya, "passport")).status_code == 422
    assert (await kavya.get(f"{HOME}/none")).status_code == 404
    assert (await kavya.post(f"{HOME}/none", data={})).status_code == 404
    assert (await kavya.post(f"{HOME}/practice", data={"about": "\0"})).status_code < 500


async def test_every_step_is_there_in_hindi(world: World) -> None:
    kavya = await world.web("kavya")
    await kavya.post(f"{HOME}/you", data=STEPS["you"])
    for step in (*STEPS, "documents"):
        page = await kavya.get(f"{HOME}/{step}", headers={"accept-language": "hi"})
        assert page.status_code == 200 and 'lang="hi-IN"' in page.text


async def test_the_desk_reads_decides_and_the_doctor_reads_why(world: World) -> None:
    id = await applied(world)
    jaya, at = await world.web("jaya"), f"/platform/doctors/{id}"
    assert WHOLE["name"] in (await jaya.get("/platform/doctors")).text
    page = await jaya.get(at)
    for words in ("I-12345-A", "Maharashtra Council", "MUHS Nashik", "Proof of identity", "Handed in"):
        assert words in page.text
    [link, *_] = re.findall(rf"{at}/documents/[0-9a-f-]+", page.text)
    paper = await jaya.get(link)
    assert paper.content == PDF and paper.headers["content-disposition"].startswith("attachment")
    for form in ({"decision": "refuse", "reason": ""}, {"decision": "dance", "reason": "x"}, {"reason": "x"}):
        assert (await jaya.post(at, data=form)).status_code == 422, form
    stale = await jaya.post(at, data={"decision": "verify", "version": "0"})
    assert stale.status_code == 409 and "changed meanwhile" in stale.text

    answer = await jaya.post(at, data={"decision": "refuse", "reason": "This number is <not> in the register."})

    assert answer.status_code == 303 and answer.headers["location"] == at
    hers = (await (await world.web("kavya")).get(HOME)).text
    assert "This number is &lt;not&gt; in the register." in hers


async def test_nobody_else_has_the_desk(world: World) -> None:
    id = await applied(world)
    for name in ("ananya", "kavya", "rao", "farida", "gita", "indu"):
        browser = await world.web(name)
        for path in ("/platform/doctors", f"/platform/doctors/{id}"):
            assert (await browser.get(path)).status_code == 404, name
        assert (await browser.post(f"/platform/doctors/{id}", data={"decision": "verify"})).status_code == 404, name
    assert (await (await world.web("jaya")).get(f"/platform/doctors/{IDS['ananya']}")).status_code == 404
    assert (await (await world.web()).get("/platform/doctors")).headers["location"].startswith("/sign-in")


async def test_support_sees_the_platform_without_the_doctors(world: World) -> None:
    assert "/platform/doctors" in (await (await world.web("jaya")).get("/platform")).text
    page = await (await world.web("indu")).get("/platform")
    assert page.status_code == 200 and "/platform/doctors" not in page.text


async def test_visits_of_the_suspended_are_shown_to_be_moved(world: World) -> None:
    visit = await world.booked("ananya", reason="Private")
    gita, jaya = await world.web("gita"), await world.web("jaya")
    assert "To be moved" not in (await gita.get("/c/asha/admin")).text
    await jaya.post(f"/platform/doctors/{RAO}", data={"decision": "suspend", "reason": "A complaint"})
    page = (await gita.get("/c/asha/admin")).text
    assert "To be moved" in page and visit["id"] in page and "Ananya Deshpande" in page and "Private" not in page
    [trace] = await world.sql("asha", "SELECT people FROM audit_entries WHERE subject_kind = 'stranded'")
    assert [str(id) for id in trace["people"]] == [visit["patient_id"]]
    assert "cannot be found or booked" in (await (await world.web("rao")).get(HOME)).text
    await jaya.post(f"/platform/doctors/{RAO}", data={"decision": "reinstate", "reason": ""})
    assert "To be moved" not in (await gita.get("/c/asha/admin")).text


async def test_a_doctor_who_is_verified_can_be_found_and_booked_from_then_on(world: World) -> None:
    await world.sql(None, "UPDATE doctors SET state = 'submitted', verified_at = NULL WHERE id = $1", IYER)
    ananya = await world.web("ananya")
    assert (await ananya.get(f"/doctors/{IYER}")).status_code == 404
    await (await world.web("jaya")).post(f"/platform/doctors/{IYER}", data={"decision": "verify"})
    assert (await ananya.get(f"/doctors/{IYER}")).status_code == 200
    assert "Arvind Iyer" in (await ananya.get("/?q=iyer")).text
