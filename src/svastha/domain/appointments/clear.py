from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.appointments.expire import expired
from svastha.domain.appointments.model import AppointmentMoved, Status
from svastha.domain.appointments.step import step
from svastha.domain.schedule import BUSY
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


class _Held(msgspec.Struct, frozen=True):
    id: UUID
    was: Status


class _Cleared(msgspec.Struct, frozen=True):
    id: UUID
    doctor_id: UUID
    status: Status


async def clear(
    tx: ClinicTx,
    *,
    patient_id: UUID,
    let_go_by: UUID | None = None,
    times: Sequence[tuple[datetime, datetime]] = (),
    but: UUID | None = None,
) -> None:
    """Away with the holds that must not stop a visit at the constraint: those that ran out at these times, of any
    doctor since they may keep a room, and the patient's own; with ``let_go_by`` all of hers, but no time that the
    waiting list offers her: only a visit puts that away.

    Some of them belong to other doctors and other people, whose locks are not held. Hence one statement that locks
    everything in one order, and one call in a transaction: nobody waits in a circle.
    """
    held = await tx.all(
        _Held,
        f"""
        SELECT id, status AS was FROM appointments
        WHERE status IN ('held', 'requested') AND id IS DISTINCT FROM :but::uuid AND (
            (patient_id = :patient_id AND status = 'held' AND NOT offered AND :letting_go)
            OR (((patient_id = :patient_id AND status = 'held' AND NOT (offered AND :letting_go))
                    OR hold_expires_at <= now())
                AND EXISTS (SELECT FROM unnest(:begin::timestamptz[], :until::timestamptz[]) t(begins, ends)
                    WHERE {BUSY} && tstzrange(t.begins, t.ends))))
        ORDER BY id FOR UPDATE
        """,
        patient_id=patient_id,
        letting_go=let_go_by is not None,
        begin=[begins for begins, _ in times],
        until=[ends for _, ends in times],
        but=but,
    )
    cleared = await tx.all(
        _Cleared,
        """
        UPDATE appointments SET hold_expires_at = NULL, sequence = sequence + (status = 'requested')::int,
            status = CASE WHEN patient_id = :patient_id AND status = 'held' AND :letting_go THEN 'cancelled'
                ELSE 'expired' END
        WHERE id = ANY(:held::uuid[]) RETURNING id, doctor_id, status
        """,
        held=[one.id for one in held],
        patient_id=patient_id,
        letting_go=let_go_by is not None,
    )
    before = {one.id: one.was for one in held}
    for one in cleared:
        if one.status == "cancelled":
            step(tx, one.id, "cancelled", let_go_by)
            announce(tx, AppointmentMoved(one.id, one.doctor_id, "cancelled"))
        else:
            await expired(tx, one.id, one.doctor_id, before[one.id])
