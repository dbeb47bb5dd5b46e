"""Planned visits become rows, straight into the tables and in a few statements: the past cannot be booked, and nobody
wants hundreds of mails at the first start. The constraints of the tables hold all the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from svastha.domain.appointments import Appointment
from svastha.domain.schedule import LIVE
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7

from .branches import Places
from .calls import Visit, day_of
from .found import Ids

DESK = {"asha": "desk1", "nadi": "desk2"}


async def write(
    tx: ClinicTx, visits: Sequence[Visit], ids: Ids, patients: Mapping[int, UUID], places: Places
) -> list[UUID]:
    """``patients`` are those of this clinic, by number. Returns the ids of the visits, in the same order."""
    rows: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    arrived: list[dict[str, Any]] = []
    for visit in visits:
        id, opening = uuid7(), visit.opening
        who = {
            "patient": ids[f"patient{visit.patient}"],
            "doctor": ids[f"doctor{opening.doctor}"],
            "desk": ids[DESK[visit.clinic]],
        }
        rows.append(
            {
                "id": id,
                "doctor_id": who["doctor"],
                "patient_id": patients[visit.patient],
                "starts_at": opening.starts_at,
                "ends_at": opening.ends_at,
                "before_minutes": opening.before,
                "after_minutes": opening.after,
                "mode": opening.mode,
                "status": visit.status,
                "placed": visit.placed,
                "fee_paise": opening.fee_paise,
                "reason": _as_hex(visit.reason and tx.vault.seal("appointments", "reason", id, visit.reason.encode())),
                "branch_id": places[opening.branch] if opening.branch else None,
                "room_id": places[opening.room] if opening.room else None,
                "area": opening.area,
                "sequence": len(visit.steps) - 1,
                "made_by": who[visit.steps[0].by],
                "made_at": visit.steps[0].at,
            }
        )
        steps += [
            {"id": uuid7(), "appointment_id": id, "status": s.status, "at": s.at, "by": who[s.by], "why": s.why}
            for s in visit.steps
        ]
        came = next((step for step in visit.steps if step.status == "checked_in"), None)
        if came:
            turn = visit.turn
            arrived.append(
                {
                    "appointment_id": id,
                    "doctor_id": who["doctor"],
                    "day": day_of(visit, came.at),
                    "how": "desk" if came.by == "desk" else "online",
                    "arrived_at": came.at,
                    "due_at": turn.due_at or opening.starts_at,
                    "priority": turn.priority,
                    "priority_why": _as_hex(
                        turn.why and tx.vault.seal("queue_entries", "priority_why", id, turn.why.encode())
                    ),
                    "priority_by": who["desk"] if turn.why else None,
                    "called_at": turn.called_at,
                    "called_by": who["doctor"] if turn.called_at else None,
                    "calls": 1 if turn.called_at else 0,
                }
            )
    await tx.run(_VISITS, rows=rows)
    await tx.run(
        """
        INSERT INTO appointment_steps (id, appointment_id, status, at, by_account, why)
        SELECT id, appointment_id, status, at, by, why FROM jsonb_to_recordset(:steps)
            AS r(id uuid, appointment_id uuid, status text, at timestamptz, by uuid, why text)
        """,
        steps=steps,
    )
    await _give_numbers(tx, arrived)
    return [row["id"] for row in rows]


_VISITS = f"""
    WITH r AS (
        SELECT * FROM jsonb_to_recordset(:rows) AS r(id uuid, doctor_id uuid, patient_id uuid, starts_at timestamptz,
            ends_at timestamptz, before_minutes int, after_minutes int, mode text, status text, placed text,
            fee_paise bigint, reason bytea, branch_id uuid, room_id uuid, area text, sequence int, made_by uuid,
            made_at timestamptz)
    ), made AS (
        INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, before_minutes, after_minutes, mode,
            status, placed, fee_paise, reason, branch_id, area, sequence, made_by, made_at)
        SELECT id, doctor_id, patient_id, starts_at, ends_at, before_minutes, after_minutes, mode, status, placed,
            fee_paise, reason, branch_id, area, sequence, made_by, made_at
        FROM r RETURNING id
    )
    INSERT INTO reservations (appointment_id, resource_id, during, live)
    SELECT id, room_id, tstzrange(starts_at, ends_at), status IN {LIVE}
    FROM made JOIN r USING (id) WHERE room_id IS NOT NULL
"""


async def _give_numbers(tx: ClinicTx, arrived: list[dict[str, Any]]) -> None:
    """In order of arrival, for each doctor and day."""
    given: Counter[tuple[UUID, Any]] = Counter()
    for one in sorted(arrived, key=lambda one: one["arrived_at"]):
        queue = one["doctor_id"], one["day"]
        given[queue] += 1
        one["no"] = given[queue]
    await tx.run(
        "INSERT INTO queue_days (doctor_id, day, last_no) SELECT doctor_id, day, last_no"
        " FROM jsonb_to_recordset(:days) AS r(doctor_id uuid, day date, last_no int)",
        days=[{"doctor_id": doctor, "day": day, "last_no": last} for (doctor, day), last in given.items()],
    )
    await tx.run(
        """
        INSERT INTO queue_entries (appointment_id, doctor_id, day, no, how, arrived_at, due_at, first_due_at, priority,
            priority_why, priority_by, called_at, called_by, calls)
        SELECT appointment_id, doctor_id, day, no, how, arrived_at, due_at, due_at, priority, priority_why,
            priority_by, called_at, called_by, calls
        FROM jsonb_to_recordset(:rows) AS r(appointment_id uuid, doctor_id uuid, day date, no int, how text,
            arrived_at timestamptz, due_at timestamptz, priority text, priority_why bytea, priority_by uuid,
            called_at timestamptz, called_by uuid, calls int)
        """,
        rows=arrived,
    )


async def offered(tx: ClinicTx, entry_id: UUID, held: Appointment, until: datetime) -> None:
    """A held time is an offer to somebody on the waiting list, at an hour at which nobody is asked as well."""
    await tx.run(
        "INSERT INTO waiting_list_offers (appointment_id, entry_id, patient_id, doctor_id, starts_at, expires_at)"
        " VALUES (:id, :entry_id, :patient_id, :doctor_id, :starts_at, :expires_at)",
        id=held.id,
        entry_id=entry_id,
        patient_id=held.patient_id,
        doctor_id=held.doctor_id,
        starts_at=held.starts_at,
        expires_at=until,
    )


def _as_hex(sealed: bytes | str | None) -> str | None:
    """As ``jsonb_to_recordset`` reads bytes."""
    return f"\\x{sealed.hex()}" if isinstance(sealed, bytes) else None
