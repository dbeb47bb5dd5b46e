"""A calendar of the reference, written into the database of a clinic."""

from datetime import datetime
from typing import Any

import msgspec

from tests.schedule.calendars import BRANCHES, PATIENTS, ROOMS
from tests.schedule.reference import LIVE, Clinic

ROWS = {
    "branches": "id uuid, name text",
    "resources": "id uuid, branch_id uuid, kind text, name text",
    "patients": "id uuid, name text, email text",
    "practitioners": "doctor_id uuid, name text, zone text, bookable boolean, notice interval, horizon interval",
    "offers": "doctor_id uuid, mode text, minutes int, fee_paise bigint, every_minutes int, before_minutes int,"
    " after_minutes int, travel_minutes int, notice interval, horizon interval, daily_max int",
    "weekly_hours": "id uuid, doctor_id uuid, weekday int, opens time, closes time, modes text[], branch_id uuid,"
    " resources uuid[]",
    "weekly_breaks": "doctor_id uuid, weekday int, opens time, closes time",
    "exceptions": "id uuid, doctor_id uuid, day date, closed boolean, opens time, closes time, modes text[],"
    " repeats text, every int, until date, branch_id uuid, resources uuid[]",
    "leaves": "id uuid, doctor_id uuid, starts_at timestamptz, ends_at timestamptz",
    "branch_hours": "branch_id uuid, weekday int, opens time, closes time",
    "holidays": "id uuid, day date, name text, branch_id uuid",
    "appointments": "id uuid, doctor_id uuid, patient_id uuid, mode text, status text, placed text,"
    " starts_at timestamptz, ends_at timestamptz, before_minutes int, after_minutes int, hold_expires_at timestamptz,"
    " fee_paise bigint, made_by uuid",
    "reservations": "appointment_id uuid, resource_id uuid, during tstzrange, live boolean",
}


async def fill(connection: Any) -> None:
    """Who and what is there in every calendar."""
    await _insert(connection, "branches", [{"id": b, "name": str(b)} for b in BRANCHES])
    await _insert(
        connection,
        "resources",
        [{"id": r, "branch_id": BRANCHES[0], "kind": "room", "name": str(r)} for r in ROOMS],
    )
    await _insert(connection, "patients", [{"id": p, "name": "A patient", "email": ""} for p in PATIENTS])


async def store(connection: Any, clinic: Clinic, now: datetime) -> Clinic:
    """Visits that the database refuses are left out of what is given back."""
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in ROWS}
    for doctor in clinic.doctors:
        mine: Any = {"doctor_id": doctor.id}
        told = {f: getattr(doctor, f) for f in ("zone", "bookable", "notice", "horizon")}
        rows["practitioners"].append({**mine, "name": "A doctor", **told})
        rows["offers"] += [{**mine, **msgspec.structs.asdict(offer)} for offer in doctor.offers]
        rows["weekly_hours"] += [{**mine, **msgspec.structs.asdict(row)} for row in doctor.hours]
        rows["weekly_breaks"] += [{**mine, **msgspec.structs.asdict(row)} for row in doctor.breaks]
        rows["exceptions"] += [{**mine, **msgspec.structs.asdict(row)} for row in doctor.exceptions]
        rows["leaves"] += [{**mine, "starts_at": start, "ends_at": end} for start, end in doctor.leaves]
    for branch, week in clinic.branch_hours.items():
        rows["branch_hours"] += [{"branch_id": branch, **msgspec.structs.asdict(row)} for row in week]
    rows["holidays"] = [{"day": day, "name": "A holiday", "branch_id": branch} for day, branch in clinic.holidays]
    rows["appointments"] = [
        {
            **msgspec.structs.asdict(v),
            "hold_expires_at": None if v.expires_in is None else now + v.expires_in,
            "fee_paise": 100,
            "made_by": v.patient_id,
        }
        for v in clinic.visits
    ]
    for table, some in rows.items():
        kept = await _insert(connection, table, some)
        if table == "appointments":
            visits = [v for v in clinic.visits if v.id in {row[0] for row in kept}]
            rows["reservations"] = [
                {
                    "appointment_id": v.id,
                    "resource_id": room,
                    "during": f"[{v.starts_at.isoformat()},{v.ends_at.isoformat()})",
                    "live": v.placed == "booked" and v.status in LIVE,
                }
                for v in visits
                for room in v.resources
            ]
    reserved = {(row["appointment_id"], row["resource_id"]) for row in kept}
    return msgspec.structs.replace(
        clinic,
        visits=[
            msgspec.structs.replace(v, resources=tuple(r for r in v.resources if (v.id, r) in reserved)) for v in visits
        ],
    )


async def _insert(connection: Any, table: str, rows: list[dict[str, Any]]) -> list[Any]:
    if not rows:
        return []
    columns = ", ".join(part.split()[0] for part in ROWS[table].split(", "))
    values = columns
    if "id uuid" in ROWS[table].split(", ") and "id" not in rows[0]:
        values = columns.replace("id", "gen_random_uuid()", 1)
    text = f"""
        INSERT INTO {table} ({columns}) SELECT {values} FROM jsonb_to_recordset($1) AS r({ROWS[table]})
        ON CONFLICT DO NOTHING RETURNING *
    """
    found: list[Any] = await connection.fetch(text, msgspec.to_builtins(rows, builtin_types=()))
    return found
