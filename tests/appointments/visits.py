"""What several tests of a visit's life do to it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx

from svastha.domain import schedule
from svastha.doors import visit
from svastha.kit.ids import uuid7
from tests.cast import IDS, IYER, NAMES, RAO, World

ASHA = "/clinics/asha"


async def second_doctor(world: World) -> None:
    """Dr Iyer practises at Asha as well, as Dr Rao does."""
    async with visit.to_clinic(world.house, "asha") as tx:
        await schedule.practise(
            tx,
            doctor_id=IYER,
            name=NAMES["iyer"],
            zone="Asia/Kolkata",
            offers=[schedule.Offer("video", 20, 30000), schedule.Offer("in_person", 30, 40000)],
        )
        await schedule.set_weekly_hours(
            tx, IYER, [schedule.Hours(day, time(0), time(0), ("video", "in_person")) for day in range(1, 8)]
        )


async def ask_first(world: World) -> None:
    """From now on the clinic answers requests."""
    await world.sql("asha", "UPDATE house_rules SET booking = 'requested'")


async def posted(client: httpx.AsyncClient, id: str, what: str, body: Any = None, **more: str) -> httpx.Response:
    """``POST …/appointments/{id}/{what}``, each time a new wish."""
    return await client.post(
        f"{ASHA}/appointments/{id}/{what}", json=body, headers={"idempotency-key": str(uuid7()), **more}
    )


async def moved(client: httpx.AsyncClient, id: str, at: datetime, **more: Any) -> httpx.Response:
    return await posted(client, id, "reschedule", {"starts_at": at.isoformat(), **more})


async def steps(world: World, id: str) -> list[Any]:
    return await world.sql(
        "asha",
        "SELECT status, by_account, why, from_at, to_at, charge_percent FROM appointment_steps"
        " WHERE appointment_id = $1 ORDER BY at, id",
        UUID(id),
    )


async def row(world: World, id: str) -> Any:
    return (await world.sql("asha", "SELECT * FROM appointments WHERE id = $1", UUID(id)))[0]


async def shift(world: World, id: str, by: timedelta) -> None:
    """Let a visit begin that long from now."""
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = $2::timestamptz, ends_at = $2::timestamptz + (ends_at - starts_at),"
        " hold_expires_at = CASE WHEN hold_expires_at IS NULL THEN NULL ELSE $2::timestamptz END WHERE id = $1",
        UUID(id),
        datetime.now(UTC) + by,
    )


async def patient_id(world: World, name: str) -> str:
    rows = await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS[name])
    return str(rows[0]["id"])


async def done(world: World, name: str = "ananya") -> dict[str, Any]:
    """A visit that took place."""
    booked = await world.booked(name)
    await world.sql("asha", "UPDATE appointments SET status = 'completed' WHERE id = $1", UUID(booked["id"]))
    await shift(world, booked["id"], -timedelta(days=2))
    return booked


def at_rao(at: datetime, mode: str = "video", **more: Any) -> dict[str, Any]:
    return {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": mode, **more}


async def book(client: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    return await client.post(f"{ASHA}/appointments", json=body, headers={"idempotency-key": str(uuid7())})
