from uuid import UUID

from svastha.domain.directory.refresh import refresh
from svastha.kit.db import ControlTx


async def withdraw(tx: ControlTx, *, doctor_id: UUID, clinic_id: UUID) -> None:
    """She is no longer found at this clinic. Not listed there: nothing happens."""
    if await tx.run(
        "WITH her AS (SELECT id FROM doctors WHERE id = :doctor_id FOR NO KEY UPDATE)"
        " DELETE FROM listings USING her WHERE doctor_id = her.id AND clinic_id = :clinic_id",
        doctor_id=doctor_id,
        clinic_id=clinic_id,
    ):
        await refresh(tx, doctor_id)
