from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.clear import clear
from svastha.domain.appointments.model import MINE
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def release(tx: ClinicTx, actor: Actor, hold_id: UUID) -> None:
    """Let a held time go before it runs out."""
    patient: UUID | None = await tx.value(
        f"SELECT a.patient_id FROM appointments a WHERE a.id = :id AND a.status = 'held' AND {MINE}",
        id=hold_id,
        me=actor.account_id,
    )
    if patient is None:
        raise NotFound
    await clear(tx, patient_id=patient, let_go_by=actor.account_id)
