from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.clear import clear
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def release(tx: ClinicTx, actor: Actor, hold_id: UUID) -> None:
    """Let a held time go before it runs out."""
    patient: UUID | None = await tx.value(
        "SELECT p.id FROM appointments a JOIN patients p ON p.id = a.patient_id"
        " WHERE a.id = :id AND a.status = 'held' AND p.account_id = :account_id",
        id=hold_id,
        account_id=actor.account_id,
    )
    if patient is None:
        raise NotFound
    await clear(tx, patient_id=patient, let_go_by=actor.account_id)
