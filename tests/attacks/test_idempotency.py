"""The same request twice is done once: attacks 7 to 12."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from svastha.doors import visit
from svastha.kit import idempotency
from tests.cast import IDS, IYER, PASSWORD, RAO, World, email
from tests.server import Process, running

BOOK = "/clinics/asha/appointments"
KEY = {"idempotency-key": "one"}


async def wish(world: World, number: int = 3) -> dict[str, Any]:
    return {"doctor_id": str(RAO), "starts_at": (await world.free())[number].isoformat(), "mode": "video"}


async def visits(world: World, clinic: str = "asha") -> int:
    rows = await world.sql(clinic, "SELECT count(*) FROM appointments")
    return int(rows[0][0])


@asynccontextmanager
async def doctor_locked(world: World) -> AsyncIterator[None]:
    """Whoever books her gets as far as her row, with the key already taken, and waits there."""
    connection = await world.house.connections.connect(
        f"{world.house.settings.database_prefix}_clinic_asha", owner=True
    )
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM practitioners WHERE doctor_id = $1 FOR UPDATE", RAO)
            yield
    finally:
        await connection.close()


async def somebody_waits(world: World) -> None:
    """Until a booking stands at that lock."""
    async with asyncio.timeout(30):
        while not await world.sql("asha", "SELECT FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.02)


async def test_attack_07_another_person_with_the_same_key_gets_nothing_of_the_first(world: World) -> None:
    """A key bound to nothing hands the first person's booking, with her reason for it, to whoever guesses the key."""
    ananya, kavya, body = await world.api("ananya"), await world.api("kavya"), await wish(world)
    mine = await ananya.post(BOOK, json=body | {"reason": "burning after the evening meal"}, headers=KEY)
    for stolen in (body, body | {"reason": "burning after the evening meal"}):
        hers = await kavya.post(BOOK, json=stolen, headers=KEY)
        assert (mine.status_code, hers.status_code) == (201, 409)
        assert hers.json()["code"] == "slot_taken" and "idempotency-replayed" not in hers.headers
        for secret in ("Ananya", "burning", mine.json()["id"]):
            assert secret not in hers.text


@pytest.mark.parametrize("other", [{"account_id": IDS["kavya"]}, {"method": "PUT"}, {"route": "/other"}])
async def test_attack_07_the_key_belongs_to_account_method_and_route(world: World, other: dict[str, Any]) -> None:
    """A key that is looked up by its text alone answers a request with the reply to quite another one."""
    use: dict[str, Any] = {"key": "x", "account_id": IDS["ananya"], "method": "POST", "route": "/r", "body": b"{}"}
    async with visit.to_clinic(world.house, "asha") as tx:
        begun = await idempotency.begin(tx, **use)
        assert isinstance(begun, idempotency.Once)
        begun.remember(tx, 201, {"whose": "hers"})
    async with visit.to_clinic(world.house, "asha") as tx:
        assert await idempotency.begin(tx, **use) == (201, {"whose": "hers"})
    async with visit.to_clinic(world.house, "asha") as tx:
        assert isinstance(await idempotency.begin(tx, **(use | other)), idempotency.Once)


async def test_attack_07_a_key_opens_no_sign_in(world: World) -> None:
    """Replaying the key of somebody's sign-in with a wrong password returned her tokens."""
    nobody, hers = await world.api(), {"email": email("ananya"), "password": PASSWORD}
    first = await nobody.post("/auth/login", json=hers, headers=KEY)
    assert first.status_code == 200
    for body in (
        hers | {"password": "not hers at all"},
        hers | {"email": email("kavya"), "password": "wrong one here"},
    ):
        again = await nobody.post("/auth/login", json=body, headers=KEY)
        assert again.status_code == 401 and "token" not in again.text


async def test_attack_07_the_same_key_at_another_clinic_is_another_wish(world: World) -> None:
    """One table of keys for all clinics replays the booking of one at the other."""
    ananya = await world.api("ananya")
    here = await ananya.post(BOOK, json=await wish(world), headers=KEY)
    starts = (await world.free(doctor=IYER, clinic="nadi"))[9].isoformat()
    there = await ananya.post(
        "/clinics/nadi/appointments", json={"doctor_id": str(IYER), "starts_at": starts, "mode": "video"}, headers=KEY
    )
    assert here.status_code == there.status_code == 201 and here.json()["id"] != there.json()["id"]


async def test_attack_08_another_body_with_the_same_key_is_refused(world: World) -> None:
    """Answering a changed wish with the old booking tells her that she has what she never got."""
    ananya = await world.api("ananya")
    await ananya.post(BOOK, json=await wish(world, 3), headers=KEY)
    for body in (await wish(world, 9), await wish(world, 3) | {"reason": "another"}):
        other = await ananya.post(BOOK, json=body, headers=KEY)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await visits(world) == 1


async def test_attack_09_fifty_at_once_through_the_api_make_one_visit(world: World) -> None:
    """With read-then-write of keys some of the fifty fail with 500, or the process dies."""
    ananya, body = await world.api("ananya"), await wish(world)
    answers = await asyncio.gather(*(ananya.post(BOOK, json=body, headers=KEY) for _ in range(50)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in done}) == 1 == await visits(world)
    assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "idempotency_key_in_progress" and int(answer.headers["retry-after"]) > 0
    later = await ananya.post(BOOK, json=body, headers=KEY)
    assert (later.status_code, later.headers["idempotency-replayed"]) == (201, "true")
    assert later.json() == done[0].json()


async def test_attack_09_fifty_at_once_through_the_page_make_one_visit(world: World) -> None:
    """A form sent twice by an impatient thumb is the same race."""
    ananya = await world.web("ananya")
    form = await wish(world) | {"key": "one", "reason": "", "hold_id": ""}
    answers = await asyncio.gather(*(ananya.post("/c/asha/appointments", data=form) for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {303, 409} and await visits(world) == 1
    led = {answer.headers["location"] for answer in answers if answer.status_code == 303}
    assert len(led) == 1 and all("retry-after" in answer.headers for answer in answers if answer.status_code == 409)


async def test_attack_10_a_refusal_leaves_the_key_free(world: World) -> None:
    """Refusals that are kept for a day are repeated long after the reason for them is gone."""
    ananya, kavya, body = await world.api("ananya"), await world.api("kavya"), await wish(world)
    taken = await kavya.post(BOOK, json=body, headers={"idempotency-key": "k"})
    refused = await ananya.post(BOOK, json=body, headers=KEY)
    assert refused.status_code == 409
    await kavya.post(f"{BOOK}/{taken.json()['id']}/cancel")
    again = await ananya.post(BOOK, json=body, headers=KEY)
    assert again.status_code == 201 and "idempotency-replayed" not in again.headers


async def test_attack_10_a_fault_leaves_the_key_free(world: World) -> None:
    """A fault that is kept comes back as the answer, in one system even as a success."""
    ananya, body = await world.api("ananya"), await wish(world)
    await world.sql(
        "asha",
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$",
    )
    await world.sql(
        "asha", "CREATE TRIGGER broken BEFORE INSERT ON appointment_steps FOR EACH ROW EXECUTE FUNCTION broken()"
    )
    assert (await ananya.post(BOOK, json=body, headers=KEY)).status_code == 500
    assert await visits(world) == 0
    await world.sql("asha", "DROP TRIGGER broken ON appointment_steps")
    again = await ananya.post(BOOK, json=body, headers=KEY)
    assert again.status_code == 201 and "idempotency-replayed" not in again.headers and await visits(world) == 1


async def test_attack_11_a_server_that_dies_between_taking_the_key_and_answering_blocks_nobody(
    world: World, tmp_path: Path
) -> None:
    """Where the claim is a row of its own, a crash leaves it behind: the wish is "in progress" for ever."""
    ours, body, ananya = world.house.settings, await wish(world), await world.api("ananya")
    headers = KEY | {"authorization": ananya.headers["authorization"]}
    server = Process("serve", ours, tmp_path / "server.log", SVASTHA_BASE_URL=ours.url)
    with running(server):
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}/api/v1", timeout=30) as other,
            doctor_locked(world),
        ):
            dying = asyncio.create_task(other.post(BOOK, json=body, headers=headers))
            await somebody_waits(world)
            meanwhile = await ananya.post(BOOK, json=body, headers=KEY)
            assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "idempotency_key_in_progress")
            await asyncio.to_thread(server.kill)
            with pytest.raises(httpx.TransportError):
                await dying
    async with asyncio.timeout(30):  # PostgreSQL notices that nobody is at the other end
        while (again := await ananya.post(BOOK, json=body, headers=KEY)).status_code == 409:
            assert again.json()["code"] == "idempotency_key_in_progress"
            await asyncio.sleep(0.05)
    assert again.status_code == 201, again.text
    assert await visits(world) == 1


async def test_attack_11_one_who_leaves_in_the_middle_blocks_nobody(world: World) -> None:
    """The server lives on, and with it a lock that somebody forgot to give back."""
    ananya, body = await world.api("ananya"), await wish(world)
    async with doctor_locked(world):
        leaving = asyncio.create_task(ananya.post(BOOK, json=body, headers=KEY))
        await somebody_waits(world)
        leaving.cancel()
        await asyncio.wait([leaving])
    async with asyncio.timeout(30):
        while (again := await ananya.post(BOOK, json=body, headers=KEY)).status_code == 409:
            await asyncio.sleep(0.05)
    assert again.status_code == 201 and await visits(world) == 1


async def test_attack_11_an_old_key_can_be_used_again(world: World) -> None:
    """A key that expired and still refused, thirty days later."""
    ananya = await world.api("ananya")
    await ananya.post(BOOK, json=await wish(world, 3), headers=KEY)
    await world.sql("asha", "UPDATE idempotency_keys SET made_at = now() - interval '25 hours'")
    later = await ananya.post(BOOK, json=await wish(world, 9), headers=KEY)
    assert later.status_code == 201, later.text


async def test_attack_12_a_key_is_required(world: World) -> None:
    """Where the key is optional, everybody leaves it out and books twice."""
    ananya, body = await world.api("ananya"), await wish(world)
    answer = await ananya.post(BOOK, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    for key in ("", "k" * 256):
        assert (await ananya.post(BOOK, json=body, headers={"idempotency-key": key})).status_code == 400
    page = await world.web("ananya")
    form = body | {"key": "", "reason": "", "hold_id": ""}
    assert (await page.post("/c/asha/appointments", data=form)).status_code == 400
    assert await visits(world) == 0


async def test_what_was_answered_is_kept_sealed_and_not_for_ever(world: World) -> None:
    ananya = await world.api("ananya")
    body = await wish(world) | {"reason": "burning after the evening meal"}
    await ananya.post(BOOK, json=body, headers=KEY)
    [kept] = await world.sql("asha", "SELECT reply FROM idempotency_keys")
    assert b"burning" not in kept["reply"]
    assert (await ananya.post(BOOK, json=body, headers=KEY)).json()["reason"] == body["reason"]
    await world.sql("asha", "UPDATE idempotency_keys SET made_at = now() - interval '26 hours'")
    async with visit.to_clinic(world.house, "asha") as tx:
        assert await idempotency.forget(tx) == 1
