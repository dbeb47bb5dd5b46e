"""Applying as a doctor: what can be sent, what is missing, who reads it."""

import asyncio

import pytest

from svastha.domain import accounts, doctors
from svastha.domain.doctors import Changes
from svastha.doors import visit
from svastha.kit.crypto import Unreadable
from tests.cast import IDS, World
from tests.doctors.applying import JPEG, PDF, PNG, WHOLE, applied, upload


async def test_a_draft_is_left_and_taken_up_again(world: World) -> None:
    kavya = await world.api("kavya")
    assert (await kavya.get("/me/doctor")).status_code == 404
    begun = await kavya.put("/me/doctor", json={"gender": "female"})
    assert begun.json()["state"] == "draft" and begun.json()["name"] == "Kavya Deshpande"

    refused = await kavya.post("/me/doctor/submit")

    assert refused.status_code == 422
    missing = {error["field"] for error in refused.json()["errors"]}
    assert {"council_code", "registration_no", "degrees", "specialties", "registration", "identity"} <= missing
    await kavya.put("/me/doctor", json=WHOLE)
    for kind, content in (("registration", PDF), ("degree", JPEG), ("identity", PNG)):
        assert (await upload(kavya, kind, content)).status_code == 201
    submitted = (await kavya.post("/me/doctor/submit")).json()
    assert submitted["state"] == "submitted" and submitted["council"] == "Maharashtra Council of Indian Medicine"
    assert [past["step"] for past in submitted["history"]] == ["submit"]
    assert (await kavya.post("/me/doctor/submit")).status_code == 409
    [row] = await world.sql(None, "SELECT qualifications, verified_at FROM doctors WHERE id = $1", IDS["kavya"])
    assert tuple(row) == ("BAMS, MD (Kayachikitsa)", None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"council_code": "XX"}, "council_code"),
        ({"registration_no": "---"}, "registration_no"),
        ({"registered_on": "2999-01-01"}, "registered_on"),
        ({"registered_on": "2015-01-01", "valid_to": "2014-01-01"}, "valid_to"),
        ({"degrees": [{"degree": "MBBS", "university": "X", "year": 2000}]}, "degrees.0.degree"),
        ({"degrees": [{"degree": "BAMS", "university": "X", "year": 1}]}, "degrees.0.year"),
        ({"degrees": [{"degree": "BAMS", "university": "X", "year": 2000}] * 7}, "degrees"),
        ({"languages": ["tlh"]}, "languages"),
        ({"specialties": ["surgery"]}, "specialties"),
        ({"about": "x" * 1001}, "about"),
    ],
)
async def test_what_cannot_be_right_is_named(world: World, changes: dict[str, object], field: str) -> None:
    answer = await (await world.api("kavya")).put("/me/doctor", json=changes)
    assert answer.status_code == 422 and field in {error["field"] for error in answer.json()["errors"]}


async def test_what_cannot_be_stored_is_no_fault_of_ours(world: World) -> None:
    kavya = await world.api("kavya")
    for changes in (
        {"name": "a\0b"},
        {"languages": ["\0"]},
        {"degrees": [{"degree": "BAMS", "university": "\0", "year": 2000}]},
    ):
        assert 400 <= (await kavya.put("/me/doctor", json=changes)).status_code < 500, changes


async def test_the_content_decides_what_a_document_is(world: World) -> None:
    kavya = await world.api("kavya")
    assert (await upload(kavya, "identity")).status_code == 404, "nothing was begun"
    await kavya.put("/me/doctor", json={})
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for content in (b"<script>alert(1)</script>", svg, b"MZ\x90\0", b"%PDF-1.4 cut off", b"", PDF + b"x" * (5 << 20)):
        assert (await upload(kavya, "identity", content, "certificate.pdf")).status_code in (400, 413, 422), content[:9]
    assert (await upload(kavya, "passport")).status_code in (400, 422)
    kept = (await upload(kavya, "identity", PNG, "evil.html")).json()
    assert kept["media_type"] == "image/png"

    answer = await kavya.get(f"/me/doctor/documents/{kept['id']}")

    assert answer.content == PNG and answer.headers["content-disposition"] == 'attachment; filename="identity.png"'
    assert answer.headers["x-content-type-options"] == "nosniff" and "no-store" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("image/png")


async def test_documents_are_sealed_to_their_row_and_every_reading_leaves_a_trace(world: World) -> None:
    id = await applied(world)
    rows = await world.sql(None, "SELECT id, sealed FROM doctor_documents WHERE doctor_id = $1 ORDER BY id", id)
    assert len(rows) == 3 and not any(b"%PDF" in row["sealed"] for row in rows)
    async with visit.to_control(world.house) as tx:
        tx.vault.open("doctor_documents", "sealed", rows[0]["id"], rows[0]["sealed"])
        with pytest.raises(Unreadable):
            tx.vault.open("doctor_documents", "sealed", rows[1]["id"], rows[0]["sealed"])
    for name, status in (("jaya", 200), ("rao", 404), ("gita", 404), ("indu", 404), ("ananya", 404)):
        client = await world.api(name)
        got = await client.get(f"/platform/doctors/{id}/documents/{rows[0]['id']}")
        assert got.status_code == status, name
        assert (await client.get(f"/me/doctor/documents/{rows[0]['id']}")).status_code == 404, name
    read = await world.sql(None, "SELECT account_id FROM audit_entries WHERE subject_id = $1", str(rows[0]["id"]))
    assert IDS["jaya"] in {row["account_id"] for row in read}


async def test_a_number_that_is_taken_is_refused_and_flagged(world: World) -> None:
    first = await applied(world, "kavya")
    second = await world.api("ananya")
    await second.put("/me/doctor", json=WHOLE | {"name": "Somebody Else", "registration_no": "i 12345/a"})
    for kind in ("registration", "degree", "identity"):
        await upload(second, kind)

    refused = await second.post("/me/doctor/submit")

    assert refused.status_code == 409 and refused.json()["code"] == "registration_taken"
    jaya = await world.api("jaya")
    [listed] = (await jaya.get("/platform/doctors", params={"q": "12345"})).json()["items"]
    assert listed["id"] == str(first) and listed["clashes"] == 1
    [clash] = (await jaya.get(f"/platform/doctors/{first}")).json()["clashes"]
    assert clash["name"] == "Somebody Else" and clash["theirs"] is False
    # Whoever squats on a number is refused, and then it is free for whom it belongs to.
    await jaya.post(f"/platform/doctors/{first}/decisions", json={"decision": "refuse", "reason": "Not yours"})
    assert (await second.post("/me/doctor/submit")).status_code == 200


async def test_of_two_at_the_same_moment_one_has_the_number(world: World) -> None:
    for name in ("kavya", "ananya"):
        client = await world.api(name)
        await client.put("/me/doctor", json=WHOLE)
        for kind in ("registration", "degree", "identity"):
            await upload(client, kind)
    both = [await world.api("kavya"), await world.api("ananya")]
    answers = await asyncio.gather(*(client.post("/me/doctor/submit") for client in both))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


class Wary:
    """Finds everything harmful."""

    async def harmless(self, content: bytes) -> bool:
        return False


async def test_a_scanner_may_stand_behind_the_port(world: World) -> None:
    kavya = await world.api("kavya")
    await kavya.put("/me/doctor", json={})

    async with visit.to_control(world.house) as tx:
        token = kavya.headers["authorization"].removeprefix("Bearer ")
        actor = await accounts.actor_of(tx, token, kind="api")
        assert actor
        with pytest.raises(doctors.UnsafeDocument):
            await doctors.put_document(tx, actor, "identity", PDF, scanner=Wary())
        assert (await doctors.save(tx, actor, Changes())).documents == []
