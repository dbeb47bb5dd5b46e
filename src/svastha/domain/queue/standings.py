from collections.abc import Collection
from uuid import UUID

import msgspec

from svastha.domain.appointments import Status
from svastha.kit.db import ClinicTx


class Standing(msgspec.Struct, frozen=True):
    """``account_id``: the patient's own. As long as all of this is the same, so is who may see the visit, guardians and
    the desk left aside."""

    appointment_id: UUID
    status: Status
    version: int
    doctor_id: UUID
    account_id: UUID | None


async def standings(tx: ClinicTx, visits: Collection[UUID]) -> dict[UUID, Standing]:
    """For a caller that has asked who may see them, and looks whether that has changed."""
    rows = await tx.all(
        Standing,
        "SELECT a.id AS appointment_id, a.status, a.sequence AS version, a.doctor_id, p.account_id"
        " FROM appointments a JOIN patients p ON p.id = a.patient_id WHERE a.id = ANY(:visits::uuid[])",
        visits=list(visits),
    )
    return {row.appointment_id: row for row in rows}
