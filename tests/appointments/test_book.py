"""Booking through the API."""

from tests.cast import RAO, World


async def test_a_free_time_is_booked_once(world: World) -> None:
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    slots = (await ananya.get(f"/clinics/asha/doctors/{RAO}/slots?mode=video")).json()["items"]
    wish = {"doctor_id": str(RAO), "starts_at": slots[5]["starts_at"], "mode": "video"}

    booked = await ananya.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": "a"})
    refused = await kavya.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": "b"})

    assert booked.status_code == 201, booked.text
    assert booked.json()["status"] == "confirmed"
    assert refused.status_code == 409
    assert refused.json()["code"] == "slot_taken"
    assert len(refused.json()["alternatives"]) == 3
    await world.settle()
    assert "confirmed" in world.mail("ananya")[0].subject
