"""Who looked is noted, and those whom it concerns can read it."""

import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from svastha.doors.cli.audit import verify_file
from svastha.doors.jobs.seal_audit import seal_audit
from tests.cast import IDS, World

READS = "SELECT account_id, whose, people, subject_kind, came_from, device FROM audit_entries WHERE action = 'read'"


def rows_of(rows: list[Any], name: str, patient: Any) -> list[str]:
    return [
        row["subject_kind"]
        for row in rows
        if row["account_id"] == IDS[name] and (row["whose"] == patient or patient in (row["people"] or ()))
    ]


@pytest.mark.parametrize("name", ["ananya", "rao", "farida"])
async def test_every_door_to_a_visit_notes_who_read_whose(world: World, name: str) -> None:
    visit = await world.booked()
    patient = (await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS["ananya"]))[0]["id"]
    api, web = await world.api(name), await world.web(name)
    assert world.app
    values = {
        "{clinic:str}": "asha",
        "{appointment_id:uuid}": visit["id"],
        "{visit_id:uuid}": visit["id"],
        "{hold_id:uuid}": visit["id"],
    }
    looked = 0
    for route in world.app.routes:
        path: str = route.path  # type: ignore[attr-defined]
        if "GET" not in getattr(route, "methods", ()) or not any(one in path for one in list(values)[1:]):
            continue
        for key, value in values.items():
            path = path.replace(key, str(value))
        before = len(rows_of(await world.sql("asha", READS), name, patient))
        client, path = (api, path.removeprefix("/api/v1")) if path.startswith("/api/v1") else (web, path)
        if path.endswith("/live"):
            continue  # a stream, followed in its own test
        answer = await client.get(path, headers={"user-agent": "A browser"})
        after = rows_of(await world.sql("asha", READS), name, patient)
        if answer.status_code == 200:
            looked += 1
            assert len(after) > before, path
        else:
            assert answer.status_code in (303, 403, 404), path
    assert looked >= {"ananya": 4, "rao": 5, "farida": 3}[name]
    last = (await world.sql("asha", READS + " ORDER BY id DESC LIMIT 1"))[0]
    assert (last["came_from"], last["device"]) == ("127.0.0.1", "A browser")


@pytest.mark.parametrize(
    ("name", "path", "kind"),
    [
        ("ananya", "/home", "own_visits"),
        ("ananya", "/api/v1/me/appointments", "own_visits"),
        ("farida", "/desk?day={day}", "day"),
        ("rao", "/doctor?day={day}", "day"),
        ("rao", "/api/v1/clinics/asha/appointments", "list"),
        ("farida", "/api/v1/clinics/asha/appointments", "list"),
    ],
)
async def test_a_list_is_noted_once_with_all_who_stand_in_it(world: World, name: str, path: str, kind: str) -> None:
    days = [(at.astimezone(ZoneInfo("Asia/Kolkata")).date(), at) for at in await world.free()]
    day, first, second = next((a, one, two) for (a, one), (b, two) in pairwise(days) if a == b)
    await world.booked(at=first)
    await world.booked("kavya", at=second)
    patient = (await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS["ananya"]))[0]["id"]
    client = await (world.api(name) if path.startswith("/api") else world.web(name))
    answer = await client.get(path.removeprefix("/api/v1").format(day=day))
    assert answer.status_code == 200
    found = [row for row in await world.sql("asha", READS) if row["subject_kind"] == kind]
    assert len(found) == 1
    assert patient in found[0]["people"]
    assert len(found[0]["people"]) == (1 if name == "ananya" else 2)


async def test_a_patient_sees_who_looked_and_nobody_else_does(world: World) -> None:
    visit = await world.booked()
    assert (await (await world.api("rao")).get(f"/clinics/asha/appointments/{visit['id']}")).status_code == 200
    page = (await (await world.web("ananya")).get("/record/seen")).text
    assert "Dr Meera Rao" in page
    assert "the visit" in page
    assert "Dr Meera Rao" not in (await (await world.web("kavya")).get("/record/seen")).text
    answer = await (await world.api("ananya")).get("/me/record/seen", params={"limit": 1})
    (look,) = answer.json()["items"]
    assert (look["name"], look["roles"], look["clinic"], look["what"]) == (
        "Dr Meera Rao",
        ["doctor"],
        "asha",
        "appointment",
    )
    assert (await (await world.api("rao")).get("/me/record/seen")).json()["items"] == []
    assert (await (await world.api()).get("/me/record/seen")).status_code == 401


@pytest.mark.parametrize(
    ("name", "status"),
    [("gita", 200), ("hari", 404), ("rao", 404), ("farida", 404), ("ananya", 404), ("indu", 404), (None, 401)],
)
async def test_only_who_runs_or_audits_a_clinic_reads_its_audit(world: World, name: str | None, status: int) -> None:
    assert (await (await world.api(name)).get("/clinics/asha/audit")).status_code == status


@pytest.mark.parametrize(("name", "status"), [("jaya", 200), ("gita", 404), ("indu", 404), ("ananya", 404)])
async def test_the_audit_of_the_platform_is_for_the_platform(world: World, name: str, status: int) -> None:
    assert (await (await world.api(name)).get("/platform/audit")).status_code == status
    assert (await (await world.web(name)).get("/platform/audit")).status_code == status


async def test_searching_and_paging(world: World) -> None:
    visit = await world.booked()
    for _ in range(3):
        await (await world.api("rao")).get(f"/clinics/asha/appointments/{visit['id']}")
    gita = await world.api("gita")
    first = await gita.get(
        "/clinics/asha/audit", params={"person": "meera", "patient": "ananya", "action": "read", "limit": 2}
    )
    assert [line["who"]["name"] for line in first.json()["items"]] == ["Dr Meera Rao"] * 2
    link = first.headers["link"]
    assert link.endswith('rel="next"')
    second = await gita.get(link[1:].split(">")[0].removeprefix("/api/v1"))
    assert len(second.json()["items"]) == 1
    assert second.json()["next_cursor"] is None
    nobody = await gita.get("/clinics/asha/audit", params={"person": "nobody of this name"})
    assert nobody.json()["items"] == []
    assert (await gita.get("/clinics/asha/audit", params={"from": "soon"})).status_code == 422
    assert (await gita.get("/clinics/asha/audit", params={"from": "1970-01-01", "to": "9999-12-30"})).status_code == 200
    assert (await gita.get("/clinics/asha/audit", params={"cursor": "x"})).status_code == 400
    own = (await gita.get("/clinics/asha/audit", params={"person": "gita"})).json()["items"]
    assert {line["subject_kind"] for line in own} == {"audit"}  # looking here is noted as well


async def test_the_export_is_complete_and_works_nothing_out(world: World) -> None:
    visit = await world.booked()
    await (await world.api("rao")).get(f"/clinics/asha/appointments/{visit['id']}", headers={"user-agent": "=1+1"})
    gita = await world.api("gita")
    answer = await gita.get("/clinics/asha/audit/export", params={"format": "csv"})
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    (count,) = await world.sql("asha", "SELECT count(*) FROM audit_entries WHERE subject_id <> 'export'")
    assert len(rows) == count[0]
    assert "'=1+1" in {row["device"] for row in rows}
    lines = (await gita.get("/clinics/asha/audit/export", params={"person": "meera"})).text.splitlines()
    assert len(lines) == 1


async def test_the_system_behind_a_key_is_named(world: World) -> None:
    await world.booked()
    wish = {"name": "Our website", "scopes": ["visit.read"]}
    gita = await world.api("gita")
    key = (await gita.post("/clinics/asha/api-keys", json=wish)).json()["key"]
    bearer = {"authorization": f"Bearer {key}"}
    assert (await (await world.api()).get("/clinics/asha/appointments", headers=bearer)).json()["items"]
    page = (await (await world.web("ananya")).get("/record/seen")).text
    assert "Our website" in page and "a key of another system" in page
    [line] = (await gita.get("/clinics/asha/audit", params={"person": "website"})).json()["items"]
    assert line["who"]["name"] == "Our website"


async def test_a_sealed_copy_is_verified_anywhere(world: World, tmp_path: Path) -> None:
    visit = await world.booked()
    await (await world.api("rao")).get(f"/clinics/asha/appointments/{visit['id']}")
    await seal_audit(world.house, "asha")
    gita = await world.web("gita")
    link = re.search(r'href="([^"]+format=sealed)"', (await gita.get("/c/asha/audit")).text)
    assert link
    answer = await (await world.api("gita")).get("/clinics/asha/audit/export", params={"format": "sealed"})
    for copy in (answer, await gita.get(link[1])):
        assert copy.status_code == 200, copy.text
        file = tmp_path / "copy.jsonl"
        file.write_bytes(copy.content)
        assert verify_file(str(file), None) == 0
        file.write_bytes(copy.content.replace(b'"action":"read"', b'"action":"book"', 1))
        assert verify_file(str(file), None) == 1
    noted = await world.sql("asha", "SELECT FROM audit_entries WHERE subject_id = 'export'")
    assert len(noted) == 2
    part = {"format": "sealed", "person": "meera"}
    assert (await (await world.api("gita")).get("/clinics/asha/audit/export", params=part)).status_code == 422


async def test_the_page_is_searched_by_a_form(world: World) -> None:
    visit = await world.booked()
    await (await world.api("rao")).get(f"/clinics/asha/appointments/{visit['id']}")
    gita = await world.web("gita")
    page = await gita.get("/c/asha/audit", params={"person": "rao"})
    assert page.status_code == 200
    assert "Dr Meera Rao" in page.text
    assert "Ananya Deshpande" in page.text
    assert (await gita.get("/c/asha/audit", params={"from": "soon"})).status_code == 422


async def test_what_was_undone_leaves_no_entry(world: World) -> None:
    before = await world.sql("asha", "SELECT count(*) FROM audit_entries")
    assert (await (await world.api("kavya")).post("/clinics/asha/appointments", json={})).status_code == 422
    visit = await world.booked()
    taken = await (await world.api("kavya")).post(
        "/clinics/asha/appointments",
        json={"doctor_id": visit["doctor_id"], "starts_at": visit["starts_at"], "mode": "video"},
        headers={"idempotency-key": "kavya-too-late"},
    )
    assert taken.status_code == 409
    entries = await world.sql("asha", "SELECT account_id FROM audit_entries ORDER BY id OFFSET $1", before[0][0])
    assert {row["account_id"] for row in entries} == {IDS["ananya"]}
