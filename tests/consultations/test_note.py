import asyncio
import hashlib
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from svastha.domain import consultations
from svastha.domain.accounts import Grant
from svastha.doors import visit as door
from svastha.kit.crypto import Unreadable
from tests.appointments.test_race import invented
from tests.cast import IDS, RAO, World
from tests.consultations.test_admit import EVERYBODY, admitted

NOTE = {"subjective": "Burning after meals", "jihva": "सामान्य, coated", "plan": "Avoid sour food"}


async def put(client: httpx.AsyncClient, visit: str, fields: dict[str, Any], version: int | None) -> httpx.Response:
    headers = {} if version is None else {"if-match": f'"{version}"'}
    return await client.put(f"{visit}/note", json=fields, headers=headers)


async def test_a_note_is_written_and_read_again(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    nothing = await rao.get(f"{visit}/note")
    assert (nothing.headers["etag"], nothing.json()["version"], nothing.json()["plan"]) == ('"0"', 0, "")
    first = await put(rao, visit, NOTE, 0)
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    second = await put(rao, visit, {**first.json(), "agni": "manda"}, 1)
    assert (second.status_code, second.headers["etag"]) == (200, '"2"')
    read = await rao.get(f"{visit}/note")
    assert read.headers["etag"] == '"2"'
    assert {name: read.json()[name] for name in (*NOTE, "agni")} == {**NOTE, "agni": "manda"}


@pytest.mark.parametrize(("name", "status"), EVERYBODY)
async def test_only_her_doctor_reads_writes_and_signs(world: World, name: str | None, status: int) -> None:
    rao, client, visit = await world.api("rao"), await world.api(name), await admitted(world)
    await put(rao, visit, NOTE, 0)
    assert (await client.get(f"{visit}/note")).status_code == status
    assert (await put(client, visit, {"plan": "else"}, 1)).status_code == status
    assert (await client.post(f"{visit}/note/sign")).status_code == status


@pytest.mark.parametrize("if_match", ['"0"', '"7"', '"x"', "*", 'W/"0"', '"-1"', '"99999999999999999999"'])
async def test_an_older_version_is_refused_with_the_newer_one(world: World, if_match: str) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await put(rao, visit, NOTE, 0)
    answer = await rao.put(f"{visit}/note", json={"plan": "from the other window"}, headers={"if-match": if_match})
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (412, "note_changed", 1)
    assert answer.json()["fields"]["plan"] == "Avoid sour food"
    assert (await rao.get(f"{visit}/note")).json()["plan"] == "Avoid sour food"


async def test_of_many_windows_one_wins_and_the_others_learn_what_it_wrote(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    for version in (0, 1):
        answers = await asyncio.gather(*(put(rao, visit, {"plan": f"window {n}"}, version) for n in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
        kept = next(answer.json()["plan"] for answer in answers if answer.status_code == 200)
        assert {answer.json()["fields"]["plan"] for answer in answers if answer.status_code == 412} == {kept}


async def test_the_version_must_be_named(world: World) -> None:
    answer = await put(await world.api("rao"), await admitted(world), NOTE, None)
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_missing")


@pytest.mark.parametrize(("field", "text"), [("plan", "x" * 20_001), ("nadi", "a\x00b")])
async def test_what_cannot_be_kept_is_refused_by_field(world: World, field: str, text: str) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    assert (await put(rao, visit, {field: "x" * 20_000}, 0)).status_code == 200
    answer = await put(rao, visit, {field: text}, 1)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


async def test_text_under_an_unknown_name_is_refused_not_lost(world: World) -> None:
    answer = await put(await world.api("rao"), await admitted(world), {"palpation": "soft"}, 0)
    assert answer.status_code in (400, 422)


async def test_a_signed_note_is_locked(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    early = await rao.post(f"{visit}/note/sign")
    assert (early.status_code, early.json()["code"]) == (409, "nothing_to_sign")
    await put(rao, visit, NOTE, 0)
    stale = await rao.post(f"{visit}/note/sign", headers={"if-match": '"0"'})
    assert (stale.status_code, stale.json()["version"]) == (412, 1)
    signed = await rao.post(f"{visit}/note/sign", headers={"if-match": '"1"'})
    assert (signed.status_code, signed.json()["signed_at"] is not None) == (200, True)
    again = await rao.post(f"{visit}/note/sign")
    assert again.json()["signed_at"] == signed.json()["signed_at"]
    late = await put(rao, visit, {"plan": "other"}, 1)
    assert (late.status_code, late.json()["code"]) == (409, "note_signed")
    await locked_in_the_database(world, "notes")


async def test_completing_signs_the_note_even_an_empty_one(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await put(rao, visit, {}, 0)
    await rao.post(f"{visit}/complete")
    [row] = await world.sql("asha", "SELECT signed_by, content, content_sha256 FROM notes")
    assert row["signed_by"] == RAO
    assert row["content_sha256"] == hashlib.sha256(row["content"]).digest()
    assert (await put(rao, visit, NOTE, 1)).json()["code"] == "note_signed"


async def test_what_was_typed_at_the_last_moment_is_kept_after_the_end(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await rao.post(f"{visit}/complete")
    assert (await put(rao, visit, NOTE, 0)).status_code == 200
    assert (await rao.post(f"{visit}/note/sign")).status_code == 200


async def test_completing_again_does_not_sign_what_was_begun_afterwards(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    for _ in range(2):
        assert (await rao.post(f"{visit}/complete")).status_code == 200
        await put(rao, visit, NOTE, 0)
    assert (await rao.get(f"{visit}/note")).json()["signed_at"] is None
    assert (await put(rao, visit, {"plan": "finished"}, 1)).status_code == 200


async def test_nothing_is_written_for_a_visit_that_was_cancelled(world: World) -> None:
    rao, booked = await world.api("rao"), await world.booked()
    visit = f"/clinics/asha/appointments/{booked['id']}"
    assert (await put(rao, visit, NOTE, 0)).status_code == 200
    await rao.post(f"{visit}/cancel")
    assert (await put(rao, visit, NOTE, 1)).json()["code"] == "visit_not_open"


async def test_a_note_is_stored_sealed_and_opens_nowhere_else(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await put(rao, visit, NOTE, 0)
    [row] = await world.sql("asha", "SELECT appointment_id, content FROM notes")
    assert b"Burning" not in row["content"]
    _, vault = await world.house.routing.find("asha")
    _, other = await world.house.routing.find("nadi")
    id, sealed = row["appointment_id"], row["content"]
    assert b"Burning" in vault.open("notes", "content", f"{id}/1", sealed)
    for place in (
        ("notes", "content", f"{RAO}/1"),
        ("notes", "content", f"{id}/2"),
        ("chat_lines", "content", f"{id}/1"),
    ):
        with pytest.raises(Unreadable):
            vault.open(*place, sealed)
    with pytest.raises(Unreadable):
        other.open("notes", "content", f"{id}/1", sealed)


async def test_a_note_moved_to_another_row_is_not_shown(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    other = await world.booked("kavya", at=(await world.free())[5])
    elsewhere = f"/clinics/asha/appointments/{other['id']}"
    for path in (visit, elsewhere):
        await put(rao, path, {"plan": f"for {path}"}, 0)
    await world.sql(
        "asha", "UPDATE notes n SET content = o.content FROM notes o WHERE o.appointment_id <> n.appointment_id"
    )
    answer = await rao.get(f"{visit}/note")
    assert answer.status_code == 500
    assert elsewhere not in answer.text


async def test_reading_a_note_leaves_a_trace(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await rao.get(f"{visit}/note")
    traces = await world.sql(
        "asha", "SELECT account_id FROM audit_entries WHERE (action, subject_kind) = ('read', 'note')"
    )
    assert [trace["account_id"] for trace in traces] == [RAO]


async def test_reading_the_log_and_the_chat_leaves_a_trace_of_everybody(world: World) -> None:
    visit = await admitted(world)
    id, rao = UUID(visit.rsplit("/", 1)[1]), invented(1)
    ref, _ = await world.house.routing.find("asha")
    rao = msgspec.structs.replace(rao, account_id=RAO, grants=(Grant("doctor", ref.id),))
    ananya = msgspec.structs.replace(rao, account_id=IDS["ananya"], grants=())
    async with door.to_clinic(world.house, "asha") as tx:
        await consultations.log_of(tx, rao, id)
        for actor in (rao, ananya):
            await consultations.chat(tx, actor, id)
    traces = await world.sql(
        "asha", "SELECT account_id, subject_kind FROM audit_entries WHERE subject_kind IN ('call_log', 'chat')"
    )
    assert sorted(tuple(trace) for trace in traces) == sorted(
        [(RAO, "call_log"), (RAO, "chat"), (IDS["ananya"], "chat")]
    )


async def locked_in_the_database(world: World, table: str) -> None:
    """Whoever comes to a signed row behind the house's back is refused as well."""
    async with door.to_clinic(world.house, "asha"):
        pass
    for statement in (f"UPDATE {table} SET version = version + 1", f"DELETE FROM {table}"):
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await world.sql("asha", statement)
        assert refused.value.constraint_name == "signed_is_locked"
