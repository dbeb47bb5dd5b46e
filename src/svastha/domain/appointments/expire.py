from uuid import UUID

import msgspec

from svastha.domain.appointments.answered import answered
from svastha.domain.appointments.model import AppointmentDeclined, AppointmentMoved, HoldEnds, Status
from svastha.domain.appointments.step import step
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


class _Ended(msgspec.Struct, frozen=True):
    doctor_id: UUID
    was: Status


async def expire_hold(tx: ClinicTx, job: HoldEnds) -> None:
    """Nothing happens to a hold that was used, let go or cleared away meanwhile, nor to a request that was answered."""
    ended = await tx.maybe(
        _Ended,
        """
        UPDATE appointments a SET status = 'expired', hold_expires_at = NULL,
            sequence = a.sequence + (was.status = 'requested')::int
        FROM (SELECT id, status FROM appointments WHERE id = :id AND status IN ('held', 'requested')
            AND hold_expires_at <= now() FOR UPDATE) was
        WHERE a.id = was.id RETURNING a.doctor_id, was.status AS was
        """,
        id=job.appointment_id,
    )
    if ended:
        await expired(tx, job.appointment_id, ended.doctor_id, ended.was)


async def expired(tx: ClinicTx, appointment_id: UUID, doctor_id: UUID, was: Status) -> None:
    """What an end by itself leaves behind. Whoever asked for this time is told that nobody answered."""
    step(tx, appointment_id, "expired", None)
    announce(tx, AppointmentMoved(appointment_id, doctor_id, "expired"))
    if was == "requested":
        await answered(tx, appointment_id, "cancelled", None)
        announce(tx, AppointmentDeclined(appointment_id, doctor_id))
