"""Every route with the whole cast, compared with ``tests/doors.txt``. A route that is not in the table fails.

Each call starts from the same state: Ananya has a confirmed visit with Dr Rao at Asha that begins in a few minutes.
After a change: ``SVASTHA_WRITE_DOORS=1 uv run pytest tests/test_doors.py`` and read every line of the difference.
"""

import asyncio
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from litestar.routes import HTTPRoute

from svastha.domain.accounts import PERMISSIONS, PUBLIC, SELF, who_may
from svastha.domain.accounts.permissions import FOR_EVERYBODY
from svastha.kit.ids import uuid7
from tests.cast import IDS, RAO, ROLES, World

TABLE = Path(__file__).parent / "doors.txt"
PEOPLE = ["ananya", "kavya", "rao", "iyer", "farida", "gita", "hari", "indu", "jaya", "nobody"]
# Whoever has nothing to do with Ananya's visit.
STRANGERS = {"kavya", "iyer", "hari", "indu", "jaya", "nobody"}

TIME = (datetime.now(UTC) + timedelta(days=3)).replace(minute=10, second=0, microsecond=0).isoformat()
WISH = {"doctor_id": str(RAO), "starts_at": TIME, "mode": "video"}
WAITS = {"doctor_id": str(RAO), "mode": "video", "first_day": TIME[:10], "last_day": TIME[:10]}
NOTE = {"subjective": "s", "objective": "o", "assessment": "a", "plan": "p"}
RX = {"items": [{"medicine": "Triphala", "days": 7}], "diet": "", "advice": ""}

BODIES: dict[str, Any] = {
    "POST /api/v1/auth/register": {"email": "x@cast.test", "password": "three quiet rivers", "name": "X"},
    "POST /api/v1/auth/verify-email": {"email": "x@cast.test", "code": "000000"},
    "POST /api/v1/auth/login": {"email": "x@cast.test", "password": "three quiet rivers"},
    "POST /api/v1/auth/refresh": {"refresh_token": "none"},
    "PATCH /api/v1/me": {},
    "POST /api/v1/clinics/{clinic}/holds": WISH,
    "POST /api/v1/clinics/{clinic}/appointments": WISH,
    "POST /api/v1/clinics/{clinic}/appointments/{appointment_id}/reschedule": {"starts_at": TIME},
    "POST /api/v1/clinics/{clinic}/appointments/{appointment_id}/follow-up": {"starts_at": TIME, "mode": "video"},
    "POST /api/v1/clinics/{clinic}/appointments/{appointment_id}/decline": {"why": "closed"},
    "POST /api/v1/clinics/{clinic}/series": {"doctor_id": str(RAO), "mode": "video", "starts_at": [TIME, TIME]},
    "POST /api/v1/clinics/{clinic}/squeeze-in": WISH | {"patient_id": str(uuid7()), "why": "urgent"},
    "POST /api/v1/clinics/{clinic}/queue/{appointment_id}/priority": {"priority": "elderly", "why": "over eighty"},
    "POST /api/v1/clinics/{clinic}/queue/{appointment_id}/transfer": {"doctor_id": str(RAO), "why": "asked for"},
    "POST /api/v1/clinics/{clinic}/queue/call-next": {"doctor_id": str(RAO)},
    "POST /api/v1/clinics/{clinic}/queue/late": {"doctor_id": str(RAO), "minutes": 10},
    "POST /api/v1/clinics/{clinic}/waitlist": WAITS,
    "PUT /api/v1/clinics/{clinic}/policy": {"free_until_minutes": 120, "late_percent": 50, "no_show_percent": 100},
    "PUT /api/v1/clinics/{clinic}/appointments/{appointment_id}/note": NOTE,
    "PUT /api/v1/clinics/{clinic}/appointments/{appointment_id}/prescription": RX,
    "PUT /api/v1/me/doctor": {},
    "POST /api/v1/platform/doctors/{doctor_id}/decisions": {"decision": "verify"},
    # pages
    "POST /sign-up": {"email": "x@cast.test", "password": "three quiet rivers", "name": "X"},
    "POST /confirm": {"email": "x@cast.test", "code": "000000"},
    "POST /confirm/again": {"email": "x@cast.test"},
    "POST /sign-in": {"email": "x@cast.test", "password": "three quiet rivers"},
    "POST /settings": {"name": "X", "locale": "en", "zone": "Asia/Kolkata"},
    "POST /c/{clinic}/visits/{visit_id}/move": {"starts_at": TIME},
    "POST /c/{clinic}/visits/{visit_id}/again": {"starts_at": TIME, "mode": "video", "key": "k"},
    "POST /c/{clinic}/visits/{visit_id}/decline": {"why": "closed"},
    "POST /c/{clinic}/queue/{visit_id}/priority": {"priority": "elderly", "why": "over eighty"},
    "POST /c/{clinic}/queue/{visit_id}/transfer": {"doctor_id": str(RAO), "why": "asked for"},
    "POST /c/{clinic}/queue/call-next": {"doctor_id": str(RAO)},
    "POST /c/{clinic}/queue/late": {"doctor_id": str(RAO), "minutes": "10"},
    "POST /c/{clinic}/holds": WISH,
    "POST /c/{clinic}/appointments": WISH | {"key": "k", "reason": "", "hold_id": ""},
}
QUERIES = {"GET /c/{clinic}/hold": WISH}
# Streams that never end are opened by tests/live.
ENDLESS = {f"GET /c/{{clinic}}/{one}/live" for one in ("visits/{appointment_id}", "queue", "screen")}


def doors(world: World) -> list[tuple[str, str]]:
    assert world.app
    return sorted(
        (method, route.path_format)
        for route in world.app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    )


async def prepared(world: World, patient: UUID) -> UUID:
    """Ananya's visit, made anew; what was before is out of the way."""
    visit_id = uuid7()
    begins = datetime.now(UTC) + timedelta(minutes=5)
    await world.sql(
        "asha",
        "UPDATE appointments SET status = 'cancelled', hold_expires_at = NULL WHERE status IN ('held', 'confirmed',"
        " 'checked_in', 'in_progress')",
    )
    await world.sql(
        "asha",
        "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)"
        " VALUES ($1, $2, $3, $4, $5, 'video', 'confirmed', 50000, $6)",
        visit_id,
        RAO,
        patient,
        begins,
        begins + timedelta(minutes=20),
        IDS["ananya"],
    )
    return visit_id


def filled(path: str, visit_id: UUID) -> str:
    names = {
        "clinic": "asha",
        "doctor_id": RAO,
        "id": visit_id,
        "code": "asha-none",
        "lang": "en",
        "version": "0",
        "name": "style.css",
        "path": "none",
        "step": "you",
        "secret": "none",
        "token": "none",
        "provider": "none",
    }
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", str(value))
    path = re.sub(r"{\w+_id}", str(visit_id), path)  # of a visit, or of nothing
    assert "{" not in path, f"say in tests/test_doors.py what to put into {path}"
    return path


async def ask(client: httpx.AsyncClient, method: str, path: str, door: str) -> int:
    body = BODIES.get(f"{method} {door}")
    if body and body.get("email"):
        body = body | {"email": f"{uuid7()}@cast.test"}
    headers = {"idempotency-key": str(uuid7()), "if-match": '"0"'}
    more: dict[str, Any] = {"params": QUERIES.get(f"{method} {door}")}
    if method in ("POST", "PUT", "PATCH"):
        if not door.startswith("/api/"):
            more["data"] = body or {}
        elif body is not None:
            more["json"] = body
    answer = await client.request(method, path, headers=headers, **more)
    return answer.status_code


async def test_every_door_with_the_whole_cast(world: World) -> None:
    await world.booked("ananya")
    [row] = await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS["ananya"])
    found, written = [], TABLE.read_text().splitlines() if TABLE.exists() else []
    gone = ("me/close", "security/close")  # whoever did that; so it comes last
    for method, door in sorted(doors(world), key=lambda one: one[1].endswith(gone)):
        if f"{method} {door}" in ENDLESS:
            continue
        line, visit_id = [f"{method:6} {door:75}"], uuid7()
        for name in PEOPLE:
            who = None if name == "nobody" else name
            client = await (world.api(who) if door.startswith("/api/") else world.web(who))
            client.base_url = httpx.URL("http://svastha.localhost")
            if "id}" in door or f"{method} {door}" in BODIES:
                visit_id = await prepared(world, row["id"])
            status = await ask(client, method, filled(door, visit_id), door)
            await client.aclose()
            line.append(f"{name}:{status}")
            assert status < 500, f"{method} {door} as {name}: {status}"
            about_a_visit = any(part in door for part in ("{appointment_id}", "{visit_id}", "{hold_id}", "visits/{id}"))
            if about_a_visit and name in STRANGERS:
                assert status in (303, 401, 404), f"{name} has no business at {method} {door}, but got {status}"
        found.append(" ".join(line))
    found.sort()
    if os.environ.get("SVASTHA_WRITE_DOORS"):
        TABLE.write_text("\n".join(found) + "\n")
        written = found
    assert found == written, "\n".join(sorted(set(found) ^ set(written)))


def declared(world: World) -> dict[tuple[str, str], str]:
    """What each door needs, as its handler says."""
    assert world.app
    return {
        (method, route.path_format): handler.opt["needs"]
        for route in world.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in ("OPTIONS", "HEAD")
    }


async def test_the_table_of_permissions_holds_at_every_door(world: World) -> None:
    """Whoever lacks the permission is told that there is nothing, or to sign in. The same table that the code reads."""
    needs, reached = declared(world), set()
    for line in TABLE.read_text().splitlines():
        method, door, *answers = line.split()
        permission = needs[method, door]
        for answer in answers:
            name, _, status = answer.partition(":")
            if permission == PUBLIC:
                reached.add(permission)
            elif name == "nobody":
                assert status in ("303", "401"), f"{method} {door}: nobody got {status}"
            elif permission != SELF and not holds(name, permission, "{clinic}" in door):
                assert status == "404", f"{method} {door} needs {permission}, and {name} got {status}"
            elif status != "404":
                reached.add(permission)
    unused = set(PERMISSIONS) - set(needs.values())
    assert not unused, f"no door needs {unused}"


def holds(name: str, permission: str, at_asha: bool) -> bool:
    who = who_may(permission)
    if who & FOR_EVERYBODY:
        return True
    role, clinic = ROLES.get(name, (None, None))
    return role in who and (clinic in ("asha", None) if at_asha else True)


async def test_two_clinics_in_one_process_never_see_each_other(world: World) -> None:
    """Attack 23: two hundred interleaved requests."""
    mine = await world.booked("ananya")
    rao, iyer, hari = await world.api("rao"), await world.api("iyer"), await world.api("hari")

    async def at(client: httpx.AsyncClient, clinic: str) -> int:
        return (await client.get(f"/clinics/{clinic}/appointments/{mine['id']}")).status_code

    asked = [at(rao, "asha"), at(iyer, "nadi"), at(hari, "asha"), at(rao, "nadi")] * 50
    answers = await asyncio.gather(*asked)
    assert answers == [200, 404, 404, 404] * 50
