"""Unverified or suspended: neither found nor bookable, from that moment, whichever process is asked."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from svastha.domain import accounts, appointments
from svastha.doors import visit
from svastha.kit.ids import uuid7
from svastha.kit.refusals import NotFound
from tests.appointments.test_race import crowd
from tests.cast import RAO, World
from tests.doctors.applying import decided
from tests.server import Process, running

UNVERIFIED = "UPDATE doctors SET state = 'submitted', verified_at = NULL WHERE id = $1"


async def gone(client: httpx.AsyncClient, token: str, wish: dict[str, Any]) -> None:
    """Not in search, not by her id, no times, no hold, no visit."""
    mine = {"authorization": f"Bearer {token}"}
    for q in ("", "meera rao"):
        assert str(RAO) not in (await client.get("/doctors", params={"q": q, "limit": 50})).text
    assert (await client.get(f"/doctors/{RAO}")).status_code == 404
    assert (await client.get(f"/clinics/asha/doctors/{RAO}/slots")).status_code == 404
    assert (await client.post("/clinics/asha/holds", json=wish, headers=mine)).status_code == 404
    more = mine | {"idempotency-key": str(uuid7())}
    assert (await client.post("/clinics/asha/appointments", json=wish, headers=more)).status_code == 404


async def test_attack_25_the_unverified_are_neither_found_nor_booked(world: World) -> None:
    [token] = await crowd(world, 1)
    wish = {"doctor_id": str(RAO), "starts_at": (await world.free())[3].isoformat(), "mode": "video"}
    await world.sql(None, UNVERIFIED, RAO)
    await gone(await world.api(), token, wish)
    page = await world.web("ananya")
    assert "Meera Rao" not in (await page.get("/")).text
    assert (await page.get(f"/doctors/{RAO}")).status_code == 404
    for path in ("/c/asha/holds", "/c/asha/appointments"):
        assert (await page.post(path, data=wish | {"key": "k", "reason": "", "hold_id": ""})).status_code == 404
    assert not await world.sql("asha", "SELECT FROM appointments")


async def test_attack_25_a_suspension_counts_at_once_in_every_process(world: World, tmp_path: Path) -> None:
    [token] = await crowd(world, 1)
    wish = {"doctor_id": str(RAO), "starts_at": (await world.free())[3].isoformat(), "mode": "video"}
    rao = (await world.api("rao")).headers["authorization"]
    ours = world.house.settings
    server = Process("serve", ours, tmp_path / "server.log", SVASTHA_BASE_URL=ours.url)  # whoever signs tokens
    with running(server):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}/api/v1", timeout=20) as other:
            held = await other.post("/clinics/asha/holds", json=wish, headers={"authorization": f"Bearer {token}"})
            assert held.status_code == 201, "warm, with everything remembered that can be"
            visit_of_hers = f"/clinics/asha/appointments/{held.json()['id']}"
            assert (await other.get(visit_of_hers, headers={"authorization": rao})).status_code == 200

            assert (await decided(world, RAO, "suspend", "A complaint is looked into")).status_code == 200

            await gone(other, token, wish)
            await gone(other, token, wish | {"hold_id": held.json()["id"]})
            hers = await other.get(visit_of_hers, headers={"authorization": rao})
            assert hers.status_code == 404, "she is no doctor here meanwhile"
            await decided(world, RAO, "reinstate")
            assert (await other.get(f"/doctors/{RAO}")).status_code == 200
            booked = await other.post(
                "/clinics/asha/appointments",
                json=wish | {"hold_id": held.json()["id"]},
                headers={"authorization": f"Bearer {token}", "idempotency-key": "again"},
            )
            assert booked.status_code == 201


async def test_nobody_is_booked_after_the_suspension_has_been_answered(world: World) -> None:
    """Twenty book while she is suspended: half of them a time they hold, half a new one. Whoever was let through
    before is in the database when the answer comes; nobody comes after it."""
    tokens, times = await crowd(world, 20), await world.free(after=timedelta(hours=30))
    client = await world.api()
    wishes: list[dict[str, Any]] = []
    for number, token in enumerate(tokens):
        wish = {"doctor_id": str(RAO), "starts_at": times[number].isoformat(), "mode": "video"}
        if number % 2:
            held = await client.post("/clinics/asha/holds", json=wish, headers={"authorization": f"Bearer {token}"})
            wish["hold_id"] = held.json()["id"]
        wishes.append(wish)

    async def book(number: int) -> httpx.Response:
        headers = {"authorization": f"Bearer {tokens[number]}", "idempotency-key": f"n{number}"}
        return await client.post("/clinics/asha/appointments", json=wishes[number], headers=headers)

    booking = [asyncio.create_task(book(number)) for number in range(20)]
    await asyncio.wait(booking, return_when=asyncio.FIRST_COMPLETED)
    assert (await decided(world, RAO, "suspend", "A complaint is looked into")).status_code == 200
    then = await confirmed(world)

    answers = await asyncio.gather(*booking)

    assert {answer.status_code for answer in answers} <= {201, 404}
    assert await confirmed(world) == then == {UUID(one.json()["id"]) for one in answers if one.status_code == 201}


async def test_who_passed_the_door_before_the_suspension_is_stopped_in_the_clinic(world: World) -> None:
    """The race at its worst: the control database has said yes already when she is suspended."""
    [token] = await crowd(world, 1)
    async with visit.to_control(world.house) as tx:
        actor = await accounts.actor_of(tx, token, kind="api")
    assert actor
    first, second = (await world.free())[3:5]
    async with visit.to_clinic(world.house, "asha") as clinic:
        held = await appointments.hold(clinic, actor, doctor_id=RAO, starts_at=first, mode="video", minutes=10)
    await decided(world, RAO, "suspend", "A complaint is looked into")
    for hold_id, at in ((held.id, first), (None, second)):
        with pytest.raises(NotFound):
            async with visit.to_clinic(world.house, "asha") as clinic:
                await appointments.book(clinic, actor, doctor_id=RAO, starts_at=at, mode="video", hold_id=hold_id)


async def test_a_clinic_that_did_not_hear_of_it_hears_with_the_next_job(world: World) -> None:
    await world.sql(None, "UPDATE doctors SET state = 'suspended', suspended_at = now() WHERE id = $1", RAO)
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'doors.publish_times'")
    await world.settle()
    assert (await world.sql("asha", "SELECT bookable FROM practitioners"))[0]["bookable"] is False


async def confirmed(world: World) -> set[UUID]:
    return {row["id"] for row in await world.sql("asha", "SELECT id FROM appointments WHERE status = 'confirmed'")}
