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


async def test_what_was_held_is_kept_as_promised(world: World) -> None:
    """Meanwhile the time has come too near to be offered to anybody else, and the fee has risen."""
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    wish = {"doctor_id": str(RAO), "starts_at": (await world.free())[3].isoformat(), "mode": "video"}
    held = (await ananya.post("/clinics/asha/holds", json=wish)).json()
    await world.sql("asha", "UPDATE practitioners SET notice = '20 days'")
    await world.sql("asha", "UPDATE offers SET fee_paise = 99900")
    hers = await kavya.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": "k"})
    mine = await ananya.post(
        "/clinics/asha/appointments",
        json=wish | {"hold_id": held["id"], "reason": "private"},
        headers={"idempotency-key": "a"},
    )
    assert (hers.status_code, hers.json()["code"]) == (422, "time_not_offered")
    assert (mine.status_code, mine.json()["id"]) == (201, held["id"])
    assert (mine.json()["fee_paise"], mine.json()["reason"]) == (held["fee_paise"], "private")


async def test_a_hold_that_ran_out_still_books_while_nobody_else_came(world: World) -> None:
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    first, second = (await world.free())[3:5]
    for at, came in ((first, False), (second, True)):
        wish = {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": "video"}
        held = (await ananya.post("/clinics/asha/holds", json=wish)).json()
        await world.sql(
            "asha", "UPDATE appointments SET hold_expires_at = now() - interval '1 s' WHERE status = 'held'"
        )
        if came:
            taken = await kavya.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": "k"})
            assert taken.status_code == 201
        mine = await ananya.post(
            "/clinics/asha/appointments",
            json=wish | {"hold_id": held["id"]},
            headers={"idempotency-key": at.isoformat()},
        )
        assert mine.status_code == (409 if came else 201)


async def test_a_person_holds_one_time_and_nobody_else_gets_it(world: World) -> None:
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    first, second = (await world.free())[3:5]
    wishes = [{"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": "video"} for at in (first, second)]
    held = await ananya.post("/clinics/asha/holds", json=wishes[0])
    assert (await kavya.post("/clinics/asha/holds", json=wishes[0])).status_code == 409
    assert first not in await world.free()
    await ananya.post("/clinics/asha/holds", json=wishes[1])
    assert (await kavya.post("/clinics/asha/holds", json=wishes[0])).status_code == 201, "the first was let go"
    assert (await ananya.delete(f"/clinics/asha/holds/{held.json()['id']}")).status_code == 404


async def test_one_person_cannot_be_in_two_places(world: World) -> None:
    booked = await world.booked("ananya", mode="video")
    ananya = await world.api("ananya")
    overlapping = {"doctor_id": str(RAO), "starts_at": booked["starts_at"], "mode": "in_person"}
    answer = await ananya.post("/clinics/asha/appointments", json=overlapping, headers={"idempotency-key": "x"})
    assert answer.status_code in (409, 422)
    slots = (await ananya.get(f"/clinics/asha/doctors/{RAO}/slots")).json()["items"]
    assert booked["starts_at"] not in {slot["starts_at"] for slot in slots}


async def test_whoever_may_not_practise_cannot_be_booked_from_that_moment(world: World) -> None:
    ananya = await world.api("ananya")
    wish = {"doctor_id": str(RAO), "starts_at": (await world.free())[3].isoformat(), "mode": "video"}
    for fact in (
        "state = 'suspended', suspended_at = now()",
        "state = 'submitted', suspended_at = NULL, verified_at = NULL",
    ):
        await world.sql(None, f"UPDATE doctors SET {fact}")
        assert (await ananya.get(f"/clinics/asha/doctors/{RAO}/slots")).status_code == 404
        assert (await ananya.post("/clinics/asha/holds", json=wish)).status_code == 404
        booked = await ananya.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": "k"})
        assert booked.status_code == 404
    await world.sql(None, "UPDATE doctors SET state = 'verified', verified_at = now()")
    assert (await ananya.post("/clinics/asha/holds", json=wish)).status_code == 201


async def test_everybody_lists_what_concerns_her_page_by_page(world: World) -> None:
    free = await world.free()
    ids = [(await world.booked("ananya", at=at))["id"] for at in (free[1], free[4], free[7])]
    await world.booked("kavya", at=free[9])
    for name, count in (("ananya", 3), ("kavya", 1), ("rao", 4), ("farida", 4), ("gita", 4), ("iyer", 0), ("jaya", 0)):
        found = (await (await world.api(name)).get("/clinics/asha/appointments")).json()
        assert len(found["items"]) == count, name
    ananya = await world.api("ananya")
    seen, path = [], "/clinics/asha/appointments?limit=2"
    while path:
        page = await ananya.get(path)
        seen += [item["id"] for item in page.json()["items"]]
        path = page.links["next"]["url"].removeprefix("/api/v1") if "next" in page.links else ""
    assert seen == ids[::-1]
    refused = await ananya.get("/clinics/asha/appointments?cursor=abc")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")
