from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.appointments.model import AppointmentMoved
from svastha.domain.appointments.step import step
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import NotFound


class _Held(msgspec.Struct, frozen=True):
    id: UUID
    doctor_id: UUID


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
    await release_all(tx, actor, patient)


async def release_all(tx: ClinicTx, actor: Actor, patient_id: UUID) -> None:
    released = await tx.all(
        _Held,
        "UPDATE appointments SET status = 'cancelled', hold_expires_at = NULL"
        " WHERE patient_id = :patient_id AND status = 'held' RETURNING id, doctor_id",
        patient_id=patient_id,
    )
    for held in released:
        step(tx, held.id, "cancelled", actor.account_id)
        announce(tx, AppointmentMoved(held.id, held.doctor_id, "cancelled"))
