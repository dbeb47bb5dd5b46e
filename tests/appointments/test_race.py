"""What two hundred people do to one hour, and what a crash does to what was promised."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from svastha.domain import accounts, appointments, schedule
from svastha.domain.accounts import Actor
from svastha.doors import visit
from svastha.kit.ids import uuid7
from svastha.kit.refusals import Refusal
from tests.cast import RAO, World
from tests.server import Process, running


async def crowd(world: World, size: int) -> list[str]:
    """That many signed-in people; returns their access tokens."""
    async with visit.to_control(world.house) as tx:
        ids = [uuid7() for _ in range(size)]
        for number, id in enumerate(ids):
            await accounts.register_verified(
                tx, account_id=id, email=f"crowd{number}@cast.test", name="One of many", password_hash=None
            )
        return [(await accounts.open_session(tx, id, kind="api", second_factor=False)).access_token for id in ids]


@pytest.mark.parametrize("lead", ["book", "hold"])
async def test_two_hundred_race_for_one_time_and_one_has_it(world: World, tmp_path: Path, lead: str) -> None:
    tokens = await crowd(world, 200)
    wish = {"doctor_id": str(RAO), "starts_at": (await world.free())[3].isoformat(), "mode": "video"}
    server = Process("serve", world.house.settings, tmp_path / "server.log", SVASTHA_BASE_URL=world.house.settings.url)

    async def one(client: httpx.AsyncClient, token: str) -> httpx.Response:
        path = "holds" if lead == "hold" else "appointments"
        return await client.post(
            f"/api/v1/clinics/asha/{path}",
            json=wish,
            headers={"authorization": f"Bearer {token}", "idempotency-key": "mine"},
        )

    with running(server):
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", limits=limits, timeout=60) as client:
            answers = await asyncio.gather(*(one(client, token) for token in tokens))

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(201), statuses.count(409)) == (1, 199), sorted(set(statuses))
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in refused} == {"slot_taken"}
    assert all(len(problem["alternatives"]) == 3 for problem in refused)
    assert await live(world) == 1


async def live(world: World) -> int:
    rows = await world.sql(
        "asha", "SELECT count(*) FROM appointments WHERE status IN ('held', 'confirmed', 'checked_in', 'in_progress')"
    )
    count: int = rows[0][0]
    return count


def invented(number: int) -> Actor:
    return Actor(UUID(int=number), uuid7(), f"p{number}@cast.test", f"Patient {number}", "en", "Asia/Kolkata")


async def test_a_thousand_interleavings_leave_no_overlap_and_no_lost_time(world: World) -> None:
    """Each round, four of six people at once do something to the same two hours of a doctor whose visits differ in
    length; some holds run out meanwhile. Afterwards what is free is exactly what nobody has."""
    dice = random.Random(20261121)
    window = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    people = [invented(n) for n in range(1, 7)]
    starts = {mode: await starts_within(world, window, mode) for mode in ("video", "in_person")}
    unexpected: list[BaseException] = []

    async def act(actor: Actor) -> None:
        what, mode = (
            dice.choice(("book", "hold", "hold_and_book", "cancel", "expire")),
            dice.choice(("video", "in_person")),
        )
        at: Any = dice.choice(starts[mode])
        try:
            if what == "expire":
                await world.sql(
                    "asha",
                    "UPDATE appointments SET hold_expires_at = now() - interval '1 s' WHERE id ="
                    " (SELECT id FROM appointments WHERE status = 'held' LIMIT 1 FOR UPDATE SKIP LOCKED)",
                )
                return
            async with visit.to_clinic(world.house, "asha") as tx:
                if what == "cancel":
                    for mine in await appointments.of_account(tx, actor):
                        if mine.status == "confirmed":
                            await appointments.cancel(tx, actor, mine.id)
                            break
                    return
                if what != "book":
                    await appointments.hold(tx, actor, doctor_id=RAO, starts_at=at, mode=mode, minutes=10)  # type: ignore[arg-type]
                if what != "hold":
                    await appointments.book(tx, actor, doctor_id=RAO, starts_at=at, mode=mode)  # type: ignore[arg-type]
        except Refusal:
            pass
        except BaseException as trouble:
            unexpected.append(trouble)

    for round in range(1000):
        await asyncio.gather(*(act(actor) for actor in dice.sample(people, 4)))
        if round % 25 == 24:
            assert not unexpected
            await nothing_is_lost(world, window, starts)
            await world.sql(
                "asha",
                "UPDATE appointments SET status = 'cancelled', hold_expires_at = NULL"
                " WHERE status IN ('held', 'confirmed') AND random() < 0.5",
            )


async def starts_within(world: World, window: datetime, mode: str) -> list[datetime]:
    async with visit.to_clinic(world.house, "asha") as tx:
        free = await schedule.free_times(tx, [RAO], from_at=window, to_at=window + timedelta(hours=2), mode=mode)  # type: ignore[arg-type]
    return [time.starts_at for time in free]


async def nothing_is_lost(world: World, window: datetime, starts: dict[str, list[datetime]]) -> None:
    held = await world.sql(
        "asha",
        "SELECT patient_id, starts_at, ends_at FROM appointments WHERE status IN ('confirmed', 'held')"
        " AND coalesce(hold_expires_at > now(), true)",
    )
    for a in held:
        for b in held:
            if a is not b:
                assert a["ends_at"] <= b["starts_at"] or b["ends_at"] <= a["starts_at"], "two visits overlap"
    for mode, minutes in (("video", 20), ("in_person", 30)):
        expected = [
            at
            for at in starts[mode]
            if all(at + timedelta(minutes=minutes) <= h["starts_at"] or h["ends_at"] <= at for h in held)
        ]
        assert await starts_within(world, window, mode) == expected
    # every change of a visit left its row, in an order the state machine knows
    orphans = await world.sql(
        "asha",
        "SELECT 1 FROM appointments a WHERE NOT EXISTS (SELECT FROM appointment_steps s WHERE s.appointment_id = a.id)",
    )
    assert not orphans


async def test_killing_the_server_loses_nothing_that_was_acknowledged(world: World, tmp_path: Path) -> None:
    """kill -9 in the middle of bookings, three times; then a worker comes back: every acknowledged visit is there,
    once, and every message about it is sent once."""
    tokens = await crowd(world, 60)
    free = await world.free(after=timedelta(hours=30))
    server = Process("serve", world.house.settings, tmp_path / "server.log", SVASTHA_BASE_URL=world.house.settings.url)
    worker = Process("worker", world.house.settings, tmp_path / "worker.log")
    acknowledged: dict[str, str] = {}

    async def one(client: httpx.AsyncClient, number: int) -> None:
        body = {"doctor_id": str(RAO), "starts_at": free[number].isoformat(), "mode": "video"}
        headers = {"authorization": f"Bearer {tokens[number]}", "idempotency-key": f"visit {number}"}
        try:
            answer = await client.post("/api/v1/clinics/asha/appointments", json=body, headers=headers)
        except httpx.TransportError:
            return
        if answer.status_code == 201:
            seen = acknowledged.setdefault(tokens[number], answer.json()["id"])
            assert seen == answer.json()["id"], "a repeated request made a second visit"

    with running(server):
        for _ in range(3):
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=20) as client:
                before = len(acknowledged)
                wishes = [asyncio.create_task(one(client, n)) for n in range(60)]
                while len(acknowledged) < before + 5 and not all(wish.done() for wish in wishes):
                    await asyncio.wait(wishes, return_when=asyncio.FIRST_COMPLETED, timeout=0.005)
                server.kill()
                await asyncio.gather(*wishes)
            server.start()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=20) as client:
            await asyncio.gather(*(one(client, n) for n in range(60)))
    assert len(acknowledged) == 60

    rows = await world.sql("asha", "SELECT id, doctor_id FROM appointments WHERE status = 'confirmed'")
    assert {str(row["id"]) for row in rows} == set(acknowledged.values())
    with running(worker):
        for _ in range(1200):
            waiting = await world.sql(
                "asha", "SELECT count(*) FROM jobs WHERE run_at <= now() OR leased_until IS NOT NULL"
            )
            if waiting[0][0] == 0:
                break
            await asyncio.sleep(0.05)  # polls the worker's own process
    mails = [mail for n in range(60) for mail in world.mail(f"crowd{n}@cast.test")]
    assert len(mails) == len({mail.to for mail in mails}) == 60
    planned = await world.sql("asha", "SELECT count(*) FROM jobs WHERE kind = 'appointments.remind'")
    assert planned[0][0] == 3 * 60
