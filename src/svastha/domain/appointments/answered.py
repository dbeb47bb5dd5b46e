from typing import Literal
from uuid import UUID

from svastha.kit.db import ClinicTx

Answer = Literal["moved", "cancelled", "leave_ended", "seen_anyway"]


async def answered(tx: ClinicTx, appointment_id: UUID, answer: Answer, by: UUID | None) -> None:
    """Whatever was asked about this visit because its doctor is away needs no answer any more."""
    await tx.run(
        "UPDATE displacements SET answered_at = now(), answer = :answer, answered_by = :by"
        " WHERE appointment_id = :id AND answered_at IS NULL",
        id=appointment_id,
        answer=answer,
        by=by,
    )
