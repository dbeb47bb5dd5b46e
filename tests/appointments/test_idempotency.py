"""The same request twice is done once: attacks 7 to 12."""

import asyncio
from typing import Any

from svastha.doors import visit
from svastha.kit import idempotency
from tests.cast import IDS, RAO, World


async def wish(world: World, number: int = 3) -> dict[str, Any]:
    return {"doctor_id": str(RAO), "starts_at": (await world.free())[number].isoformat(), "mode": "video"}


async def test_a_key_is_required(world: World) -> None:
    ananya = await world.api("ananya")
    answer = await ananya.post("/clinics/asha/appointments", json=await wish(world))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    long = await ananya.post(
        "/clinics/asha/appointments", json=await wish(world), headers={"idempotency-key": "k" * 256}
    )
    assert long.status_code == 400


async def test_a_repetition_gets_the_first_answer(world: World) -> None:
    ananya, body, key = await world.api("ananya"), await wish(world), {"idempotency-key": "one"}
    first = await ananya.post("/clinics/asha/appointments", json=body, headers=key)
    second = await ananya.post("/clinics/asha/appointments", json=body, headers=key)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"


async def test_another_body_with_the_same_key_is_refused(world: World) -> None:
    ananya, key = await world.api("ananya"), {"idempotency-key": "one"}
    await ananya.post("/clinics/asha/appointments", json=await wish(world, 3), headers=key)
    other = await ananya.post("/clinics/asha/appointments", json=await wish(world, 9), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_another_person_with_the_same_key_is_another_wish(world: World) -> None:
    ananya, kavya, body, key = (
        await world.api("ananya"),
        await world.api("kavya"),
        await wish(world),
        {"idempotency-key": "1"},
    )
    mine = await ananya.post("/clinics/asha/appointments", json=body, headers=key)
    hers = await kavya.post("/clinics/asha/appointments", json=body, headers=key)
    assert (mine.status_code, hers.status_code) == (201, 409)
    assert "Ananya" not in hers.text


async def test_fifty_at_once_make_one_visit(world: World) -> None:
    ananya, body, key = await world.api("ananya"), await wish(world), {"idempotency-key": "one"}
    answers = await asyncio.gather(
        *(ananya.post("/clinics/asha/appointments", json=body, headers=key) for _ in range(50))
    )
    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    assert all(a.json()["code"] == "idempotency_key_in_progress" for a in answers if a.status_code == 409)
    assert all("retry-after" in a.headers for a in answers if a.status_code == 409)
    rows = await world.sql("asha", "SELECT count(*) FROM appointments")
    assert rows[0][0] == 1


async def test_a_refusal_or_a_fault_leaves_the_key_free(world: World) -> None:
    ananya, kavya, body = await world.api("ananya"), await world.api("kavya"), await wish(world)
    taken = await kavya.post("/clinics/asha/appointments", json=body, headers={"idempotency-key": "k"})
    refused = await ananya.post("/clinics/asha/appointments", json=body, headers={"idempotency-key": "a"})
    assert refused.status_code == 409
    await kavya.post(f"/clinics/asha/appointments/{taken.json()['id']}/cancel")
    again = await ananya.post("/clinics/asha/appointments", json=body, headers={"idempotency-key": "a"})
    assert again.status_code == 201, "the key was not spent on the refusal"


async def test_a_crash_releases_the_key(world: World) -> None:
    """The lease is the transaction: whoever dies holding a key lets it go."""
    use = {"key": "x", "account_id": IDS["ananya"], "method": "POST", "route": "/r", "body": b""}
    dying = await world.house.connections.connect("postgres")
    await dying.close()
    async with visit.to_clinic(world.house, "asha") as tx:
        assert isinstance(await idempotency.begin(tx, **use), idempotency.Once)  # type: ignore[arg-type]
        await tx.run("SELECT set_config('application_name', 'dying', false)")
        in_progress = False
        try:
            async with visit.to_clinic(world.house, "asha") as other:
                await idempotency.begin(other, **use)  # type: ignore[arg-type]
        except idempotency.KeyInProgress:
            in_progress = True
        assert in_progress
    async with visit.to_clinic(world.house, "asha") as tx:
        assert isinstance(await idempotency.begin(tx, **use), idempotency.Once)  # type: ignore[arg-type]


async def test_an_old_key_can_be_used_again(world: World) -> None:
    ananya, key = await world.api("ananya"), {"idempotency-key": "one"}
    await ananya.post("/clinics/asha/appointments", json=await wish(world, 3), headers=key)
    await world.sql("asha", "UPDATE idempotency_keys SET made_at = now() - interval '25 hours'")
    later = await ananya.post("/clinics/asha/appointments", json=await wish(world, 9), headers=key)
    assert later.status_code == 201, later.text


async def test_what_was_answered_is_kept_sealed_and_not_for_ever(world: World) -> None:
    ananya, key = await world.api("ananya"), {"idempotency-key": "one"}
    body = await wish(world) | {"reason": "burning after the evening meal"}
    await ananya.post("/clinics/asha/appointments", json=body, headers=key)
    [kept] = await world.sql("asha", "SELECT reply FROM idempotency_keys")
    assert b"burning" not in kept["reply"]
    assert (await ananya.post("/clinics/asha/appointments", json=body, headers=key)).json()["reason"] == body["reason"]
    await world.sql("asha", "UPDATE idempotency_keys SET made_at = now() - interval '26 hours'")
    async with visit.to_clinic(world.house, "asha") as tx:
        assert await idempotency.forget(tx) == 1
