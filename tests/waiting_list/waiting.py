"""A clinic whose times are all taken, and people who wait for one."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from svastha.domain import accounts
from svastha.doors import visit
from svastha.doors.jobs.worker import Worker
from svastha.kit.ids import uuid7
from tests.cast import RAO, World

INDIA = ZoneInfo("Asia/Kolkata")
LIST = "/clinics/asha/waitlist"


def day(ahead: int = 2) -> str:
    """Of the clinic."""
    return (datetime.now(INDIA) + timedelta(days=ahead)).date().isoformat()


def wish(**more: Any) -> dict[str, Any]:
    return {"doctor_id": str(RAO), "mode": "video", "first_day": day(2), "last_day": day(2)} | more


async def awake(world: World) -> None:
    """No hour is a quiet one."""
    await world.sql("asha", "UPDATE house_rules SET quiet_from = '00:00', quiet_until = '00:00'")


async def full(world: World, *, times: int = 1) -> list[datetime]:
    """Dr Rao's day is open for so many visits, from noon on, and all of them are taken by patients of the desk. Gives
    their times."""
    await awake(world)
    noon = datetime.fromisoformat(day(2)).replace(hour=12, tzinfo=INDIA)
    closes = (noon + timedelta(minutes=20 * times)).time()
    await world.sql("asha", "DELETE FROM weekly_hours")
    await world.sql(
        "asha",
        "INSERT INTO weekly_hours (id, doctor_id, weekday, opens, closes, modes)"
        " SELECT gen_random_uuid(), $1, d, '12:00', $2, '{video}' FROM generate_series(1, 7) d",
        RAO,
        closes,
    )
    starts = [noon + timedelta(minutes=20 * n) for n in range(times)]
    for at in starts:
        await taken(world, at)
    return starts


async def is_free(world: World, at: datetime) -> bool:
    return at in await world.free(after=at - timedelta(hours=1) - datetime.now(UTC))


async def taken(world: World, at: datetime) -> UUID:
    """By a patient whom nobody else knows."""
    patient, visit_id = uuid7(), uuid7()
    await world.sql("asha", "INSERT INTO patients (id, name, email) VALUES ($1, 'Somebody', '')", patient)
    await world.sql(
        "asha",
        "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)"
        " VALUES ($1, $2, $3, $4, $5, 'video', 'confirmed', 50000, $2)",
        visit_id,
        RAO,
        patient,
        at,
        at + timedelta(minutes=20),
    )
    return visit_id


async def frees(world: World, *times: datetime) -> None:
    """The desk cancels what is taken then, all at once."""
    farida = await world.api("farida")
    rows = await world.sql(
        "asha", "SELECT id FROM appointments WHERE starts_at = ANY($1::timestamptz[]) AND status = 'confirmed'", times
    )
    answers = await asyncio.gather(*(farida.post(f"/clinics/asha/appointments/{row['id']}/cancel") for row in rows))
    assert {answer.status_code for answer in answers} == {200}


async def joins(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(LIST, json=wish(**more), headers={"idempotency-key": str(uuid7())})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def entry(client: httpx.AsyncClient, id: str) -> dict[str, Any]:
    answer = await client.get(f"{LIST}/{id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def says(client: httpx.AsyncClient, id: str, what: str) -> httpx.Response:
    return await client.post(f"{LIST}/{id}/{what}", headers={"idempotency-key": str(uuid7())})


async def crowd(world: World, size: int, *, called: str = "crowd") -> list[httpx.AsyncClient]:
    """That many people, signed in."""
    found = []
    async with visit.to_control(world.house) as tx:
        for number in range(size):
            id = uuid7()
            await accounts.register_verified(
                tx, account_id=id, email=f"{called}{number}@cast.test", name=f"Number {number}", password_hash=None
            )
            signed = await accounts.open_session(tx, id, kind="api", second_factor=False)
            client = await world.api()
            client.headers["authorization"] = f"Bearer {signed.access_token}"
            found.append(client)
    return found


async def runs_out(world: World) -> None:
    """What is offered, a moment later than promised."""
    await world.sql(
        "asha",
        "UPDATE appointments SET hold_expires_at = now() - interval '1 second' WHERE status = 'held' AND offered",
    )
    await world.sql(
        "asha", "UPDATE waiting_list_offers SET expires_at = now() - interval '1 second' WHERE answer IS NULL"
    )
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'appointments.expire_hold'")


async def two_workers(world: World) -> None:
    """Do what is due, both at once, until there is nothing left."""
    workers = [Worker(world.house), Worker(world.house)]
    while sum(await asyncio.gather(*(worker.drain(place) for worker in workers for place in (None, "asha")))):
        pass


async def offers(world: World) -> list[Any]:
    return await world.sql(
        "asha",
        "SELECT o.*, a.status, w.turn FROM waiting_list_offers o JOIN appointments a ON a.id = o.appointment_id"
        " JOIN waiting_list w ON w.id = o.entry_id ORDER BY o.offered_at, w.turn",
    )


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
