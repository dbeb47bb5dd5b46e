"""Nobody is in two places at once: refused within a clinic, a warning across clinics."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from svastha.kit.ids import uuid7
from tests.appointments.visits import ASHA, at_rao, moved, second_doctor
from tests.cast import IYER, World
from tests.patients.test_guardians import registered


async def wished(client: httpx.AsyncClient, clinic: str, at: datetime, **more: Any) -> httpx.Response:
    body = at_rao(at) | ({"doctor_id": str(IYER)} if clinic == "nadi" else {}) | more
    return await client.post(f"/clinics/{clinic}/appointments", json=body, headers={"idempotency-key": str(uuid7())})


async def test_within_a_clinic_it_is_refused_by_every_way(world: World) -> None:
    await second_doctor(world)
    ananya, farida = await world.api("ananya"), await world.api("farida")
    free = await world.free(doctor=IYER)
    hers = await world.booked("ananya", at=free[3])
    for answer in (
        await wished(ananya, "asha", free[3], doctor_id=str(IYER)),
        await wished(farida, "asha", free[3], doctor_id=str(IYER), patient_id=hers["patient_id"]),
        await ananya.post(f"{ASHA}/holds", json=at_rao(free[3]) | {"doctor_id": str(IYER)}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")
    other = await wished(ananya, "asha", free[8], doctor_id=str(IYER))
    assert (await moved(ananya, other.json()["id"], free[3])).json()["code"] == "already_booked"


async def test_across_clinics_there_is_a_warning(world: World) -> None:
    ananya, at = await world.api("ananya"), (await world.free())[3]
    first = await wished(ananya, "nadi", at)
    assert (first.status_code, first.json()["warnings"]) == (201, [])
    held = await ananya.post(f"{ASHA}/holds", json=at_rao(at))
    booked = await wished(ananya, "asha", at, hold_id=held.json()["id"])
    for answer in (held, booked):
        assert answer.status_code == 201
        [warning] = answer.json()["warnings"]
        assert (warning["code"], warning["clinic"]) == ("elsewhere", "nadi")
        assert datetime.fromisoformat(warning["starts_at"]) == at
    free = await world.free()
    assert (await wished(ananya, "asha", free[9])).json()["warnings"] == []
    series = await ananya.post(
        f"{ASHA}/series",
        json={
            "doctor_id": at_rao(at)["doctor_id"],
            "mode": "video",
            "starts_at": [(at + timedelta(minutes=20)).isoformat(), (at + timedelta(days=2)).isoformat()],
        },
        headers={"idempotency-key": "s"},
    )
    assert (series.status_code, series.json()["warnings"]) == (201, [])
    for odd in ("0001-01-01T00:00:00+05:30", "9999-12-31T23:59:59-05:30"):
        wish = at_rao(at) | {"starts_at": odd}
        answers = [
            await ananya.post(f"{ASHA}/holds", json=wish),
            await ananya.post(f"{ASHA}/appointments", json=wish, headers={"idempotency-key": odd}),
            await ananya.post(
                f"{ASHA}/series", json=wish | {"starts_at": [odd, at.isoformat()]}, headers={"idempotency-key": odd}
            ),
        ]
        assert {answer.status_code for answer in answers} <= {400, 409, 422}, [answer.text for answer in answers]
    # the desk knows nothing of other clinics
    farida = await world.api("farida")
    theirs = await wished(farida, "asha", free[15], patient_id=booked.json()["patient_id"])
    assert theirs.json()["warnings"] == []


async def test_for_somebody_one_acts_for(world: World) -> None:
    """A mother and her child may have visits at the same time, each with a doctor of her own."""
    await second_doctor(world)
    child, ananya, kavya = await registered(world), await world.api("ananya"), await world.api("kavya")
    at = (await world.free())[3]
    hers = await wished(ananya, "asha", at)
    for_child = await wished(ananya, "asha", at, doctor_id=str(IYER), patient_id=child["patient_id"])
    assert (for_child.status_code, for_child.json()["as_guardian"]) == (201, True)
    assert hers.json()["patient_id"] != for_child.json()["patient_id"] == child["patient_id"]
    twice = await wished(ananya, "asha", at + timedelta(minutes=20), patient_id=child["patient_id"])
    assert twice.status_code == 201
    assert (await wished(ananya, "nadi", at)).json()["warnings"][0]["patient_name"] == "Ananya Deshpande"
    assert (await wished(kavya, "asha", at, patient_id=child["patient_id"])).status_code == 404
    again = await moved(ananya, for_child.json()["id"], (await world.free(doctor=IYER))[9])
    assert (again.status_code, again.json()["as_guardian"]) == (200, True)
