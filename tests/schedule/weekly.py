"""Setting a doctor's time over the API, as its tests do again and again."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from svastha.domain import accounts, schedule
from svastha.doors import visit
from svastha.kit.ids import uuid7
from tests.cast import NAMES, RAO, World

INDIA = ZoneInfo("Asia/Kolkata")
BOTH = ["video", "in_person"]


def hours(span: str, *weekdays: int, modes: list[str] = BOTH, **more: Any) -> list[dict[str, Any]]:
    """``10:00-13:00`` on these weekdays; on all of them if none is named."""
    opens, closes = span.split("-")
    return [
        {"weekday": day, "opens": opens, "closes": closes, "modes": modes, **more} for day in weekdays or range(1, 8)
    ]


def monday(weeks: int = 1) -> date:
    """A Monday to come, of India."""
    today = datetime.now(INDIA).date()
    return today + timedelta(days=7 * weeks - today.weekday())


def at(clinic: str, thing: str = "availability", doctor: UUID = RAO) -> str:
    return f"/clinics/{clinic}/doctors/{doctor}/{thing}"


def once() -> dict[str, str]:
    return {"idempotency-key": str(uuid7())}


async def set_week(
    api: httpx.AsyncClient, rows: list[dict[str, Any]], *, clinic: str = "asha", doctor: UUID = RAO, **more: Any
) -> httpx.Response:
    """In place of whatever is there now."""
    tag = (await api.get(at(clinic, doctor=doctor))).headers["etag"]
    return await api.put(at(clinic, doctor=doctor), json={"hours": rows, **more}, headers={"if-match": tag})


async def at_nadi_too(world: World, zone: str = "Asia/Kolkata") -> None:
    """Dr Rao practises at Nadi as well, with no hours yet; and with none at Asha any more."""
    async with visit.to_clinic(world.house, "nadi") as tx:
        clinic_id = tx.clinic.id
        await schedule.practise(
            tx, doctor_id=RAO, name=NAMES["rao"], zone=zone, offers=[schedule.Offer("video", 30, 60000)]
        )
    async with visit.to_control(world.house) as control:
        await accounts.grant(control, RAO, "doctor", clinic_id=clinic_id, by=None)
    async with visit.to_clinic(world.house, "asha") as tx:
        await schedule.set_weekly_hours(tx, RAO, [])
    await world.settle()
