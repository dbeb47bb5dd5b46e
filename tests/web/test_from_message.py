"""The links of messages: no sign-in, one thing each, void when the visit moved, and nothing happens by looking."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from svastha.domain import appointments
from svastha.doors import visit
from tests.cast import IYER, RAO, World

PURPOSES = ("come", "late", "move", "cancel")


async def links(world: World, name: str = "ananya") -> dict[str, str]:
    """Paths by purpose, from her newest message."""
    mail = world.mail(name)[0]
    return dict(zip(PURPOSES, re.findall(r"http://\S+(/m/\S+)", mail.text), strict=True))


async def booked(world: World) -> tuple[dict[str, Any], dict[str, str], httpx.AsyncClient]:
    """A visit, the links of its confirmation, and a browser nobody has signed in with, sent by another site."""
    made = await world.booked("ananya")
    await world.settle()
    browser = await world.web()
    browser.headers.update({"origin": "null", "sec-fetch-site": "cross-site"})
    return made, await links(world), browser


async def row(world: World) -> dict[str, Any]:
    [found] = await world.sql("asha", "SELECT * FROM appointments")
    return dict(found)


async def test_looking_changes_nothing_and_says_no_more_than_the_message(world: World) -> None:
    _, paths, browser = await booked(world)
    before = await row(world)
    for path in paths.values():
        assert re.fullmatch(r"/m/[\w-]{27}", path)
        page = await browser.get(path)
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
        assert "Ananya" not in page.text and "Dr Meera Rao" in page.text
        assert page.text.count('<form method="post" action="/m/') == 1
        assert (await browser.head(path)).status_code == 200
    assert await row(world) == before
    entries = await world.sql("asha", "SELECT action FROM audit_entries WHERE why = 'by link'")
    assert entries == []


async def test_i_will_come_and_running_late_once_and_for_all_to_see(world: World) -> None:
    _, paths, browser = await booked(world)
    for _ in range(2):
        answer = await browser.post(paths["come"], data={"action": "come"})
        assert answer.status_code == 303
    first = (await row(world))["will_come_at"]
    assert first
    for minutes, status in (("20", 303), ("20", 303), ("25", 422), ("x", 422), ("", 422), ("30", 303)):
        answer = await browser.post(paths["late"], data={"action": "late", "minutes": minutes})
        assert answer.status_code == status, minutes
    late = await row(world)
    assert (late["late_minutes"], late["will_come_at"]) == (30, first)
    assert "30 minutes late" in (await browser.get(paths["late"])).text
    entries = await world.sql(
        "asha", "SELECT action, account_id FROM audit_entries WHERE why = 'by link' ORDER BY at, id"
    )
    assert [entry["action"] for entry in entries] == ["will_come", "running_late", "running_late"]
    assert all(entry["account_id"] for entry in entries)


async def test_a_link_does_the_one_thing_it_is_for(world: World) -> None:
    _, paths, browser = await booked(world)
    for purpose, path in paths.items():
        for action in PURPOSES:
            if action != purpose:
                data = {"action": action, "minutes": "10", "starts_at": (await world.free())[3].isoformat()}
                assert (await browser.post(path, data=data)).status_code == 409
    found = await row(world)
    assert (found["status"], found["will_come_at"], found["late_minutes"]) == ("confirmed", None, None)
    assert (await browser.post(paths["come"], data={"action": "dance"})).status_code == 422


async def test_cancelling_shows_the_policy_and_does_it_once(world: World) -> None:
    _, paths, browser = await booked(world)
    page = await browser.get(paths["cancel"])
    assert "free of charge until" in page.text and "50 %" in page.text
    for _ in range(2):
        assert (await browser.post(paths["cancel"], data={"action": "cancel"})).status_code == 303
    assert (await row(world))["status"] == "cancelled"
    await world.settle()
    assert "cancelled" in world.mail("ananya")[0].subject and len(world.mail("ananya")) == 2
    assert "This visit is cancelled" in (await browser.get(paths["come"])).text
    assert (await browser.post(paths["come"], data={"action": "come"})).status_code == 409


async def test_moving_voids_the_links_and_the_new_message_brings_others(world: World) -> None:
    made, paths, browser = await booked(world)
    page = await browser.get(paths["move"])
    offered = re.findall(r'name="starts_at" value="([^"]+)"', page.text)
    assert offered and made["starts_at"] not in offered
    answer = await browser.post(paths["move"], data={"action": "move", "starts_at": offered[0]})
    assert answer.status_code == 303
    moved = await row(world)
    assert moved["starts_at"] == datetime.fromisoformat(offered[0]) and moved["sequence"] == 1
    for path in paths.values():
        page = await browser.get(path)
        assert "another time now" in page.text and 'method="post" action="/m/' not in page.text
        data = {"action": "cancel", "minutes": "10", "starts_at": offered[-1]}
        assert (await browser.post(path, data=data)).status_code == 409
    await world.settle()
    [mail, _] = world.mail("ananya")
    assert "moved" in mail.subject
    new = await links(world)
    assert not set(new.values()) & set(paths.values())
    assert (await browser.post(new["come"], data={"action": "come"})).status_code == 303
    steps = await world.sql("asha", "SELECT status, by_account FROM appointment_steps ORDER BY at, id")
    assert [step["status"] for step in steps] == ["confirmed", "rescheduled"] and steps[1]["by_account"]


async def test_a_time_that_is_gone_is_refused_with_the_page_again(world: World) -> None:
    _, paths, browser = await booked(world)
    other = (await world.free())[5]
    await world.booked("kavya", at=other)
    for starts, status in (
        (other.isoformat(), 409),
        ((other + timedelta(minutes=3)).isoformat(), 422),
        ("soon", 422),
        ("9999-12-31T23:59:59-12:00", 422),
        ("", 422),
    ):
        answer = await browser.post(paths["move"], data={"action": "move", "starts_at": starts})
        assert answer.status_code == status, starts
        assert "Choose another time" in answer.text
    steps = await world.sql("asha", "SELECT status FROM appointment_steps")
    assert "rescheduled" not in [step["status"] for step in steps]


async def test_two_at_once_move_it_once(world: World) -> None:
    import asyncio

    _, paths, browser = await booked(world)
    times = (await world.free())[4:8]
    answers = await asyncio.gather(
        *(browser.post(paths["move"], data={"action": "move", "starts_at": at.isoformat()}) for at in times)
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]


async def test_over_with_the_end_of_the_visit(world: World) -> None:
    _, paths, browser = await booked(world)
    await world.sql(
        "asha",
        "WITH a AS (UPDATE appointments SET starts_at = now() - interval '1 hour', ends_at = now() - interval '1 min'"
        " RETURNING id, starts_at)"
        " UPDATE visit_links l SET starts_at = a.starts_at FROM a WHERE l.appointment_id = a.id",
    )
    for purpose, path in paths.items():
        assert "This visit is over" in (await browser.get(path)).text
        data = {"action": purpose, "minutes": "10", "starts_at": (await world.free())[0].isoformat()}
        assert (await browser.post(path, data=data)).status_code == 409


@pytest.mark.parametrize("change", ["", "x", "A" * 27, "é" * 27, "%00" * 27, "A" * 5000, "a/b"])
async def test_nobody_makes_one_up(world: World, change: str) -> None:
    browser = await world.web()
    for method in (browser.get, browser.post):
        assert (await method(f"/m/{change}")).status_code in (404, 405, 400)


async def test_every_letter_of_a_token_counts(world: World) -> None:
    _, paths, browser = await booked(world)
    path = paths["come"]
    for place in range(3, 29):
        forged = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        assert (await browser.get(forged)).status_code == 404, place


async def test_who_is_no_longer_told_holds_a_dead_link(world: World) -> None:
    _, paths, browser = await booked(world)
    await world.sql("asha", "UPDATE patients SET email = ''")
    assert (await browser.get(paths["come"])).status_code == 404


async def test_a_short_message_carries_one_link_to_all_four(world: World) -> None:
    made, _, browser = await booked(world)
    async with visit.to_clinic(world.house, "asha") as tx:
        seen = await appointments.for_verification(tx, made["id"])
        from svastha.domain import patients

        [person] = await patients.told_about(tx, seen.patient_id)
        tokens = await appointments.links_for(tx, seen, person, secret=world.house.settings.secret)
    page = await browser.get(f"/m/{tokens['all']}")
    for purpose in PURPOSES:
        assert f'href="/m/{tokens["all"]}?do={purpose}"' in page.text
        assert (await browser.get(f"/m/{tokens['all']}?do={purpose}")).status_code == 200
    assert (await browser.post(f"/m/{tokens['all']}", data={"action": "late", "minutes": "10"})).status_code == 303
    assert (await row(world))["late_minutes"] == 10 and RAO


async def test_the_page_in_hindi(world: World) -> None:
    _, paths, browser = await booked(world)
    page = await browser.get(paths["cancel"], headers={"accept-language": "hi"})
    assert 'lang="hi-IN"' in page.text


async def test_a_doctor_who_will_be_away_leaves_a_choice_of_one_tap_each(world: World) -> None:
    made, paths, browser = await booked(world)
    starts = datetime.fromisoformat(made["starts_at"])
    leave = {"from": (starts - timedelta(hours=1)).isoformat(), "to": (starts + timedelta(hours=1)).isoformat()}
    answer = await (await world.api("rao")).post(
        f"/clinics/asha/doctors/{RAO}/leave", json=leave, headers={"idempotency-key": "leave"}
    )
    assert answer.status_code == 201, answer.text
    await world.settle()
    taps = re.findall(r"http://\S+(/m/[\w-]{27}\?at=\S+)", world.mail("ananya")[0].text)
    assert taps
    page = await browser.get(taps[0])
    hidden = r'name="starts_at" value="([^"]+)"><input type="hidden" name="doctor_id" value="([^"]+)"'
    forms = re.findall(hidden, page.text)
    assert len(forms) == 1 and page.text.count("Take this time") == 1
    assert len(re.findall("Take this time", (await browser.get(paths["move"])).text)) == len(taps)
    for odd in ("?at=x", "?at=9999-12-31T00:00:00Z", "?at=2026-01-01&with=x", f"?at=2026-01-01T00:00Z&with={RAO}"):
        assert (await browser.get(paths["move"] + odd)).status_code in (200, 400), odd
    data = {"action": "move", "starts_at": forms[0][0], "doctor_id": forms[0][1]}
    assert (await browser.post(paths["move"], data=data)).status_code == 303
    assert (await row(world))["starts_at"] == datetime.fromisoformat(forms[0][0])
    assert "another time now" in (await browser.get(taps[0])).text


async def test_another_doctor_only_while_her_own_is_away(world: World) -> None:
    _, paths, browser = await booked(world)
    at = (await world.free())[5].isoformat()
    for doctor, status in ((str(IYER), 409), ("x", 422)):
        data = {"action": "move", "starts_at": at, "doctor_id": doctor}
        assert (await browser.post(paths["move"], data=data)).status_code == status
