import asyncio
from typing import Any

import httpx
import pytest

from svastha.kit.crypto import Unreadable
from tests.cast import World
from tests.consultations.test_admit import EVERYBODY, admitted

RX: dict[str, Any] = {
    "items": [
        {
            "medicine": "Avipattikar churna",
            "form": "CHURNA",
            "dose": "3 g",
            "kala": "PRAGBHAKTA",
            "anupana": "USHNODAKA",
            "days": 15,
            "instructions": "",
        },
        {"medicine": "Triphala", "kala": "NISHI"},
    ],
    "diagnosis": "Amlapitta",
    "diet": "Old rice, moong dal",
    "follow_up": "After 15 days",
}


async def put(client: httpx.AsyncClient, visit: str, rx: dict[str, Any], version: int | None) -> httpx.Response:
    headers = {} if version is None else {"if-match": f'"{version}"'}
    return await client.put(f"{visit}/prescription", json=rx, headers=headers)


async def test_a_prescription_is_written_and_read_again(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    nothing = await rao.get(f"{visit}/prescription")
    assert (nothing.headers["etag"], nothing.json()["items"]) == ('"0"', [])
    first = await put(rao, visit, RX, 0)
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    second = await put(rao, visit, {**first.json(), "advice": "Walk"}, 1)
    assert (second.status_code, second.headers["etag"]) == (200, '"2"')
    read = (await rao.get(f"{visit}/prescription")).json()
    assert read["items"][0] == RX["items"][0]
    assert (read["items"][1]["kala"], read["advice"], read["signed_at"]) == ("NISHI", "Walk", None)


@pytest.mark.parametrize(("name", "status"), EVERYBODY)
async def test_only_her_doctor_writes_and_signs(world: World, name: str | None, status: int) -> None:
    client, visit = await world.api(name), await admitted(world)
    assert (await put(await world.api("rao"), visit, RX, 0)).status_code == 200
    assert (await put(client, visit, RX, 1)).status_code == status
    assert (await client.post(f"{visit}/prescription/sign")).status_code == status


async def test_an_older_version_is_refused_with_the_newer_one(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    assert (await put(rao, visit, RX, None)).status_code == 200
    missing = await put(rao, visit, {}, None)
    assert (missing.status_code, missing.json()["code"]) == (428, "if_match_missing")
    stale = await put(rao, visit, {}, 0)
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "prescription_changed", 1)
    assert stale.json()["fields"]["items"][1]["medicine"] == "Triphala"
    answers = await asyncio.gather(*(put(rao, visit, {"diet": f"window {n}"}, 1) for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]


@pytest.mark.parametrize(
    ("rx", "fields"),
    [
        ({"items": [{"medicine": " ", "dose": "3 g"}]}, ["items.0.medicine"]),
        ({"items": [{"medicine": "a"}, {"medicine": "b", "dose": "x" * 101}]}, ["items.1.dose"]),
        ({"items": [{"medicine": "a\x00", "days": -1}]}, ["items.0.medicine", "items.0.days"]),
        ({"items": [{"medicine": "a", "days": 10**6}]}, ["items.0.days"]),
        ({"items": [{"medicine": "a"}] * 61}, ["items"]),
        ({"diet": "x" * 4001, "follow_up": "a\x00"}, ["diet", "follow_up"]),
    ],
)
async def test_what_cannot_be_prescribed_is_refused_by_field(
    world: World, rx: dict[str, Any], fields: list[str]
) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    assert (await put(rao, visit, {"items": [{"medicine": "a"}] * 60}, 0)).status_code == 200
    answer = await put(rao, visit, rx, 1)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, fields)


async def test_what_does_not_fit_the_form_is_no_fault_of_ours(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    for rx in ({"items": [{"medicine": 7}]}, {"items": "x"}, {"items": [{"name": "Triphala"}]}, {"days": 10**30}):
        assert (await put(rao, visit, rx, 0)).status_code in (400, 422)


async def test_a_draft_is_stored_sealed_and_opens_under_no_other_version(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await put(rao, visit, RX, 0)
    [row] = await world.sql("asha", "SELECT appointment_id, content FROM prescriptions")
    assert b"Triphala" not in row["content"]
    _, vault = await world.house.routing.find("asha")
    id = row["appointment_id"]
    assert b"Triphala" in vault.open("prescriptions", "content", f"{id}/1", row["content"])
    with pytest.raises(Unreadable):
        vault.open("prescriptions", "content", f"{id}/2", row["content"])
