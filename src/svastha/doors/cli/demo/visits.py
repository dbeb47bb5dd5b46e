"""Planned visits become rows, straight into the tables and in two statements: the past cannot be booked, and nobody
wants hundreds of mails at the first start. The constraints of the tables hold all the same."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7

from .found import Ids
from .plan import Visit

DESK = {"asha": "desk1", "nadi": "desk2"}


async def write(tx: ClinicTx, visits: Sequence[Visit], ids: Ids, patients: Mapping[int, UUID]) -> list[UUID]:
    """``patients`` are those of this clinic, by number. Returns the ids of the visits, in the same order."""
    rows: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    for visit in visits:
        id, opening = uuid7(), visit.opening
        who = {
            "patient": ids[f"patient{visit.patient}"],
            "doctor": ids[f"doctor{opening.doctor}"],
            "desk": ids[DESK[visit.clinic]],
        }
        reason = tx.vault.seal("appointments", "reason", id, visit.reason.encode()) if visit.reason else None
        rows.append(
            {
                "id": id,
                "doctor_id": who["doctor"],
                "patient_id": patients[visit.patient],
                "starts_at": opening.starts_at,
                "ends_at": opening.ends_at,
                "mode": opening.mode,
                "status": visit.status,
                "fee_paise": opening.fee_paise,
                "reason": f"\\x{reason.hex()}" if reason else None,
                "sequence": len(visit.steps) - 1,
                "made_by": who[visit.steps[0].by],
                "made_at": visit.steps[0].at,
            }
        )
        steps += [
            {"id": uuid7(), "appointment_id": id, "status": s.status, "at": s.at, "by": who[s.by], "why": s.why}
            for s in visit.steps
        ]
    await tx.run(
        """
        INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, reason,
            sequence, made_by, made_at)
        SELECT id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, reason,
            sequence, made_by, made_at
        FROM jsonb_to_recordset(:rows) AS r(id uuid, doctor_id uuid, patient_id uuid, starts_at timestamptz,
            ends_at timestamptz, mode text, status text, fee_paise bigint, reason bytea, sequence int, made_by uuid,
            made_at timestamptz)
        """,
        rows=rows,
    )
    await tx.run(
        """
        INSERT INTO appointment_steps (id, appointment_id, status, at, by_account, why)
        SELECT id, appointment_id, status, at, by, why FROM jsonb_to_recordset(:steps)
            AS r(id uuid, appointment_id uuid, status text, at timestamptz, by uuid, why text)
        """,
        steps=steps,
    )
    return [row["id"] for row in rows]
