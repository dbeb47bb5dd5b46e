from uuid import UUID

from svastha.domain.appointments.model import AppointmentMoved, HoldEnds
from svastha.domain.appointments.step import step
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def expire_hold(tx: ClinicTx, job: HoldEnds) -> None:
    """Nothing happens to a hold that was used, let go or cleared away meanwhile."""
    doctor_id: UUID | None = await tx.value(
        "UPDATE appointments SET status = 'expired', hold_expires_at = NULL"
        " WHERE id = :id AND status = 'held' AND hold_expires_at <= now() RETURNING doctor_id",
        id=job.appointment_id,
    )
    if doctor_id:
        step(tx, job.appointment_id, "expired", None)
        announce(tx, AppointmentMoved(job.appointment_id, doctor_id, "expired"))
