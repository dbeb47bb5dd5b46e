"""Over a conflict, with a reason, and never in two places."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from svastha.kit.ids import uuid7
from tests.appointments.visits import ASHA, at_rao, book, done, moved, patient_id, row, second_doctor, steps
from tests.cast import IDS, IYER, World


async def squeezed(client: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    return await client.post(f"{ASHA}/squeeze-in", json=body, headers={"idempotency-key": str(uuid7())})


async def test_over_a_conflict_with_a_reason_and_marked_everywhere(world: World) -> None:
    taken, kavya = await world.booked("ananya"), await world.booked("kavya", at=(await world.free())[9])
    farida, at = await world.api("farida"), datetime.fromisoformat(taken["starts_at"])
    wish = at_rao(at, patient_id=kavya["patient_id"], why="Fits between  two others")
    assert (await book(farida, at_rao(at, patient_id=kavya["patient_id"]))).json()["code"] == "slot_taken"
    answer = await squeezed(farida, wish)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["placed"], made["status"], made["policy"]) == ("squeezed", "confirmed", 1)
    [step] = await steps(world, made["id"])
    assert (step["why"], step["by_account"]) == ("Fits between two others", IDS["farida"])
    for name in ("kavya", "rao", "gita"):
        seen = await (await world.api(name)).get(f"{ASHA}/appointments/{made['id']}")
        assert seen.json()["placed"] == "squeezed"
    await world.settle()
    assert len([mail for mail in world.mail("kavya") if made["id"] in mail.text]) == 1
    # moved to a free time it has a place like any other
    free = await world.free()
    assert (await moved(farida, made["id"], free[3])).json()["placed"] == "booked"
    assert free[3] not in await world.free()


async def test_its_time_counts_as_taken_for_others(world: World) -> None:
    ananya, farida = await done(world), await world.api("farida")
    free = await world.free()
    between = free[3] + timedelta(minutes=10)  # nobody offers this
    made = await squeezed(farida, at_rao(between, patient_id=ananya["patient_id"], why="urgent"))
    assert made.status_code == 201
    now_free = await world.free()
    assert free[3] not in now_free and free[4] not in now_free and free[2] in now_free


async def test_a_reason_is_asked_for_and_the_patient_cannot_be_in_two_places(world: World) -> None:
    await second_doctor(world)
    hers, farida = await world.booked("ananya"), await world.api("farida")
    at = datetime.fromisoformat(hers["starts_at"])
    wish = at_rao(at, patient_id=hers["patient_id"], why="urgent")
    for why in ("", "ab", "  ab  ", "x" * 501, "\x00\x00\x00\x00"):
        assert (await squeezed(farida, wish | {"why": why})).status_code in (400, 422)
    refused = await squeezed(farida, wish | {"doctor_id": str(IYER)})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_booked")
    for wrong in (
        {"starts_at": (datetime.now(UTC) - timedelta(hours=2)).isoformat()},
        {"starts_at": "9999-12-31T23:59:59Z"},
        {"mode": "home_visit"},  # not offered
        {"patient_id": str(uuid7())},
    ):
        assert (await squeezed(farida, wish | wrong)).status_code in (404, 422)
    assert (await row(world, hers["id"]))["sequence"] == 0


async def test_a_doctor_squeezes_in_her_own_patients_with_herself_alone(world: World) -> None:
    await second_doctor(world)
    hers, rao = await done(world), await world.api("rao")
    free = await world.free()
    await book(await world.api("kavya"), at_rao(free[0]) | {"doctor_id": str(IYER)})  # known here, not to Dr Rao
    wish = at_rao(free[5], patient_id=hers["patient_id"], why="urgent", reason="Pain again")
    for wrong in ({"doctor_id": str(IYER)}, {"patient_id": await patient_id(world, "kavya")}):
        assert (await squeezed(rao, wish | wrong)).status_code == 404
    for name in ("ananya", "kavya", "iyer", "hari", "indu"):
        assert (await squeezed(await world.api(name), wish)).status_code == 404
    made = await squeezed(rao, wish)
    assert made.status_code == 201 and made.json()["reason"] is None
    seen = await (await world.api("ananya")).get(f"{ASHA}/appointments/{made.json()['id']}")
    assert seen.json()["reason"] == "Pain again"
    desk = await (await world.api("farida")).get(f"{ASHA}/appointments/{made.json()['id']}")
    assert desk.json()["reason"] is None
