from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.appointments.model import AppointmentMoved, Status
from svastha.domain.appointments.step import step
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


class _Cleared(msgspec.Struct, frozen=True):
    id: UUID
    doctor_id: UUID
    status: Status


async def clear(
    tx: ClinicTx,
    *,
    patient_id: UUID,
    let_go_by: UUID | None = None,
    doctor_id: UUID | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> None:
    """Away with the holds that must not stop a visit at the constraint: those of its doctor that ran out at this time,
    and the patient's own; with ``let_go_by`` all of hers.

    Some of them belong to other doctors and other people, whose locks are not held. Hence one statement that locks
    everything in one order, and one call in a transaction: nobody waits in a circle.
    """
    held: list[UUID] | None = await tx.value(
        """
        SELECT array_agg(id) FROM (
            SELECT id FROM appointments
            WHERE status = 'held' AND (
                (patient_id = :patient_id AND :letting_go)
                OR ((patient_id = :patient_id OR (doctor_id = :doctor_id AND hold_expires_at <= now()))
                    AND tstzrange(starts_at, ends_at) && tstzrange(:starts_at, :ends_at)))
            ORDER BY id FOR UPDATE) locked
        """,
        patient_id=patient_id,
        letting_go=let_go_by is not None,
        doctor_id=doctor_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    cleared = await tx.all(
        _Cleared,
        """
        UPDATE appointments SET hold_expires_at = NULL,
            status = CASE WHEN patient_id = :patient_id AND :letting_go THEN 'cancelled' ELSE 'expired' END
        WHERE id = ANY(:held::uuid[]) RETURNING id, doctor_id, status
        """,
        held=held or [],
        patient_id=patient_id,
        letting_go=let_go_by is not None,
    )
    for one in cleared:
        step(tx, one.id, one.status, let_go_by if one.status == "cancelled" else None)
        announce(tx, AppointmentMoved(one.id, one.doctor_id, one.status))
