"""The doctor's day and her screen."""

import re
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.cast import World

SCRIPT = {"x-autosave": "1"}
NOTE = {"subjective": "Burning after meals", "agni": "Tikshna", "plan": "Dinner before eight"}
RX = {
    "rx-0-medicine": "Avipattikar churna",
    "rx-0-form": "CHURNA",
    "rx-0-dose": "3 g",
    "rx-0-days": "15",
    "rx-1-medicine": "",
    "rx-1-days": "",
    "rx-4-medicine": "Shatavari churna",
    "diagnosis": "Amlapitta",
    "diet": "No tea after five",
}


async def begun(world: World, *, status: str = "confirmed", minutes: int = 0, reason: str | None = None) -> str:
    """Ananya's visit with Dr Rao, that begins now."""
    visit: str = (await world.booked("ananya", reason=reason))["id"]
    await moved_to_now(world, visit, status, minutes)
    return visit


async def moved_to_now(world: World, visit: str, status: str = "confirmed", minutes: int = 0) -> None:
    await world.sql(
        "asha",
        "UPDATE appointments SET status = $2, starts_at = now() + make_interval(mins => $3),"
        " ends_at = now() + make_interval(mins => $3 + 20) WHERE id = $1",
        visit,
        status,
        minutes,
    )


async def status_of(world: World, visit: str) -> str:
    [row] = await world.sql("asha", "SELECT status FROM appointments WHERE id = $1", visit)
    found: str = row["status"]
    return found


def rows(page: httpx.Response) -> list[str]:
    return re.findall(r'<li class="visit[^"]*">.*?</li>', page.text, re.S)


async def test_the_day_is_in_order_and_says_who_is_next(world: World) -> None:
    times = await world.free()
    first, second = await world.booked("ananya", at=times[0]), await world.booked("kavya", at=times[2])
    rao = await world.web("rao")
    day = datetime.fromisoformat(first["starts_at"]).astimezone(ZoneInfo("Asia/Kolkata")).date()
    found = rows(await rao.get(f"/doctor?day={day}"))
    if len(found) == 2:  # not if midnight lies between the two
        assert first["id"] in found[0] and second["id"] in found[1]
    assert "No visits on this day" in (await rao.get(f"/doctor?day={day + timedelta(days=30)}")).text
    assert (await rao.get("/doctor?day=nonsense")).status_code == 200

    await moved_to_now(world, second["id"])
    assert 'class="visit now"' in rows(await rao.get("/doctor"))[0]
    await (await world.web("kavya")).post(f"/c/asha/visits/{second['id']}/check-in")
    page = await rao.get("/doctor")
    assert "1 waiting" in page.text and f"{second['id']}/admit" in rows(page)[0]
    assert rows(await (await world.web("iyer")).get("/doctor")) == []


@pytest.mark.parametrize("name", ["ananya", "farida", "gita", "indu", "jaya"])
async def test_who_is_no_doctor_has_no_such_page(world: World, name: str) -> None:
    visit = await begun(world)
    browser = await world.web(name)
    assert (await browser.get("/doctor")).status_code == 404
    assert (await browser.get(f"/c/asha/doctor/visits/{visit}")).status_code == 404


async def test_only_her_own_doctor_opens_the_screen(world: World) -> None:
    visit = await begun(world, reason="Sleeps badly")
    page = await (await world.web("rao")).get(f"/c/asha/doctor/visits/{visit}")
    assert page.status_code == 200 and "Sleeps badly" in page.text and "T-rao" in page.text
    for path in (f"/c/asha/doctor/visits/{visit}", f"/c/asha/doctor/visits/{uuid4()}"):
        assert (await (await world.web("iyer")).get(path)).status_code == 404
    assert (await (await world.web()).get(f"/c/asha/doctor/visits/{visit}")).status_code == 303


@pytest.mark.parametrize(
    "path", ["admit", "note", "note/sign", "prescription", "prescription/sign", "complete", "no-show"]
)
async def test_nobody_else_moves_or_writes(world: World, path: str) -> None:
    visit = await begun(world, status="checked_in")
    for name in ["ananya", "kavya", "iyer", "farida", "hari", "jaya"]:
        if (name, path) == ("farida", "no-show"):
            continue
        answer = await (await world.web(name)).post(f"/c/asha/visits/{visit}/{path}", data={"version": "0", **NOTE})
        assert answer.status_code == 404, name
    assert await status_of(world, visit) == "checked_in"
    assert not await world.sql("asha", "SELECT 1 FROM notes") and not await world.sql(
        "asha", "SELECT 1 FROM prescriptions"
    )


async def test_admitting_changes_the_piece_of_the_page(world: World) -> None:
    visit = await begun(world, status="checked_in")
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}"
    piece = await rao.post(f"{at}/admit", headers={"x-fragment": "visit-state"})
    assert piece.status_code == 200 and 'data-status="in_progress"' in piece.text and "<html" not in piece.text
    assert await status_of(world, visit) == "in_progress"
    # A reload shows since when, so that the clock of the call goes on.
    assert "data-since=" in (await rao.get(f"/c/asha/doctor/visits/{visit}")).text

    done = await begun_and_cancelled(world)
    refused = await rao.post(f"/c/asha/visits/{done}/admit", headers={"x-fragment": "visit-state"})
    assert refused.status_code == refused.json()["status"] == 409 and refused.json()["code"] == "not_possible_now"
    plain = await rao.post(f"/c/asha/visits/{done}/admit")
    assert plain.status_code == 409 and "cannot be done with the visit" in plain.text


async def begun_and_cancelled(world: World) -> str:
    visit: str = (await world.booked("kavya", at=(await world.free())[9]))["id"]
    await (await world.api("kavya")).post(f"/clinics/asha/appointments/{visit}/cancel")
    return visit


async def test_the_note_saves_itself_and_a_second_window_loses_nothing(world: World) -> None:
    visit = await begun(world)
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}/note"
    saved = await rao.post(at, data={"version": "0", **NOTE}, headers={**SCRIPT, "if-match": '"0"'})
    assert saved.status_code == 204 and saved.headers["etag"] == '"1"'

    late = await rao.post(at, data={"version": "0", "subjective": "Other"}, headers={**SCRIPT, "if-match": '"0"'})
    assert late.status_code == 412
    assert late.json()["version"] == 1
    assert late.json()["fields"]["subjective"] == "Burning after meals" and len(late.json()["fields"]) == 8

    long = await rao.post(at, data={"version": "1", "plan": "x" * 20_001}, headers={**SCRIPT, "if-match": '"1"'})
    assert long.status_code == 422 and "20,000" in long.json()["detail"]
    nobody = await (await world.web()).post(at, data=NOTE, headers={**SCRIPT, "if-match": '"1"'})
    assert nobody.status_code == 401
    page = await rao.get(f"/c/asha/doctor/visits/{visit}")
    assert "Burning after meals" in page.text and 'name="version" value="1"' in page.text


async def test_without_script_the_note_is_a_form_like_any_other(world: World) -> None:
    visit = await begun(world)
    rao, at, screen = await world.web("rao"), f"/c/asha/visits/{visit}/note", f"/c/asha/doctor/visits/{visit}"
    saved = await rao.post(at, data={"version": "0", **NOTE})
    assert saved.status_code == 303 and saved.headers["location"] == screen

    both = await rao.post(at, data={"version": "0", "subjective": "Mine\r\nin two lines"})
    assert both.status_code == 412
    assert "Burning after meals" in both.text and "Mine\nin two lines" in both.text
    form = dict(re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', both.text, re.S))
    version = re.search(r'name="version" value="(\d+)"', both.text)
    assert version
    assert (await rao.post(at, data={**form, "version": version[1]})).status_code == 303
    assert "Mine\nin two lines" in (await rao.get(screen)).text

    wrong = await rao.post(at, data={"version": "2", "subjective": "Kept", "plan": "x" * 20_001})
    assert wrong.status_code == 422 and "at most 20,000 characters" in wrong.text and "Kept" in wrong.text


async def test_a_prescription_is_written_row_by_row_and_signed(world: World) -> None:
    visit = await begun(world, status="checked_in")
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}/prescription"
    saved = await rao.post(at, data={"version": "0", **RX}, headers={**SCRIPT, "if-match": '"0"'})
    assert saved.status_code == 204 and saved.headers["etag"] == '"1"'
    api = await world.api("rao")
    written = (await api.get(f"/clinics/asha/appointments/{visit}/prescription")).json()
    assert [(item["medicine"], item["days"]) for item in written["items"]] == [
        ("Avipattikar churna", 15),
        ("Shatavari churna", 0),
    ]
    assert written["diagnosis"] == "Amlapitta"

    late = await rao.post(at, data={"version": "0"}, headers={**SCRIPT, "if-match": '"0"'})
    assert late.status_code == 412
    assert late.json()["fields"]["rx-0-days"] == "15" and late.json()["fields"]["rx-1-days"] == ""
    for wrong in ({"rx-0-medicine": "A", "rx-0-days": "a few"}, {"rx-0-dose": "3 g"}):
        answer = await rao.post(at, data={"version": "1", **wrong}, headers={**SCRIPT, "if-match": '"1"'})
        assert answer.status_code == 422 and answer.json()["errors"], wrong

    early = await rao.post(f"{at}/sign", data={"version": "1"})
    assert early.status_code == 409 and "during the visit or after it" in early.text
    await rao.post(f"/c/asha/visits/{visit}/admit")
    stale = await rao.post(f"{at}/sign", data={"version": "0"}, headers={"x-fragment": "rx rx-foot"})
    assert stale.status_code == 412
    signed = await rao.post(f"{at}/sign", data={"version": "1"}, headers={"x-fragment": "rx rx-foot"})
    assert signed.status_code == 200 and 'id="rx-foot"' in signed.text and f"{at}.pdf" in signed.text
    assert (await rao.get(f"{at}.pdf")).content.startswith(b"%PDF")
    locked = await rao.post(at, data={"version": "1", **RX}, headers={**SCRIPT, "if-match": '"1"'})
    assert locked.status_code == 409


async def test_without_script_two_versions_of_a_prescription_are_compared(world: World) -> None:
    visit = await begun(world)
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}/prescription"
    assert (await rao.post(at, data={"version": "0", **RX})).status_code == 303
    both = await rao.post(at, data={"version": "0", **RX, "rx-0-dose": "5 g"})
    assert both.status_code == 412 and "Dose (1)" in both.text and "3 g" in both.text and "5 g" in both.text
    wrong = await rao.post(at, data={"version": "1", "rx-0-medicine": "Kept churna", "rx-0-days": "a few"})
    assert wrong.status_code == 422 and "Kept churna" in wrong.text


async def test_finishing_signs_the_note_that_was_on_the_screen(world: World) -> None:
    visit = await begun(world, status="in_progress")
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}"
    await rao.post(f"{at}/note", data={"version": "0", **NOTE})
    other = await rao.post(f"{at}/complete", data={"version": "0"})
    assert other.status_code == 412 and "another window" in other.text
    assert await status_of(world, visit) == "in_progress"

    assert (await rao.post(f"{at}/complete", data={"version": "1"})).status_code == 303

    assert await status_of(world, visit) == "completed"
    page = await rao.get(f"/c/asha/doctor/visits/{visit}")
    assert "Signed and locked" in page.text
    refused = await rao.post(f"{at}/note", data={"version": "1", **NOTE}, headers={**SCRIPT, "if-match": '"1"'})
    assert refused.status_code == 409


async def test_a_note_written_after_the_visit_is_signed_by_itself(world: World) -> None:
    visit = await begun(world, status="in_progress")
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}"
    await rao.post(f"{at}/complete", data={"version": "0"})
    await rao.post(f"{at}/note", data={"version": "0", **NOTE})
    assert (await rao.post(f"{at}/note/sign", data={"version": "1"})).status_code == 303
    assert "Signed and locked" in (await rao.get(f"/c/asha/doctor/visits/{visit}")).text


async def test_who_does_not_come_is_marked_once_her_time_has_begun(world: World) -> None:
    visit = await begun(world, minutes=10)
    rao, at = await world.web("rao"), f"/c/asha/visits/{visit}/no-show"
    assert (await rao.post(at)).status_code == 409
    await world.sql("asha", "UPDATE appointments SET starts_at = now() WHERE id = $1", visit)
    assert f"{visit}/no-show" in (await rao.get("/doctor")).text
    answer = await rao.post(at, data={"next": "/doctor?day=2026-11-21"})
    assert answer.status_code == 303 and answer.headers["location"] == "/doctor?day=2026-11-21"
    assert await status_of(world, visit) == "no_show"
    assert "Marked as missed" in (await (await world.web("ananya")).get(f"/c/asha/visits/{visit}")).text
