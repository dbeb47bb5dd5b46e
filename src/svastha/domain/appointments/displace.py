from uuid import UUID

import msgspec

from svastha.domain.appointments.expire import expired
from svastha.domain.appointments.model import Status, VisitDisplaced, VisitStands
from svastha.domain.schedule import LeaveEnded, LeaveTaken
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce


async def displace(tx: ClinicTx, event: LeaveTaken) -> None:
    """Whoever has a visit in this leave is asked what she wants instead. Once for each leave; silent if it was taken
    back already. A time that is only held goes."""
    visits, held = await _in_leave(tx, event.leave_id)
    told: list[UUID] | None = await tx.value(
        """
        WITH asked AS (
            INSERT INTO displacements (id, appointment_id, leave_id, starts_at)
            SELECT r.id, a.id, :leave, a.starts_at FROM unnest(:ids::uuid[], :visits::uuid[]) r(id, visit)
            JOIN appointments a ON a.id = r.visit
            ON CONFLICT ON CONSTRAINT asked_once_for_each_leave DO NOTHING RETURNING appointment_id
        )
        SELECT array_agg(appointment_id) FROM asked
        """,
        leave=event.leave_id,
        ids=[uuid7() for _ in visits],
        visits=visits,
    )
    for id in told or []:
        announce(tx, VisitDisplaced(id, event.leave_id))
    for id in held:
        await tx.run("UPDATE appointments SET status = 'expired', hold_expires_at = NULL WHERE id = :id", id=id)
        await expired(tx, id, event.doctor_id, "held")


class _Met(msgspec.Struct, frozen=True):
    id: UUID
    status: Status


async def _in_leave(tx: ClinicTx, leave_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """Visits, and times that are only held. Looked at once, so that a hold which becomes a visit at this moment is not
    missed; and the leave is not taken back before it is written down who is asked about it."""
    found = await tx.all(
        _Met,
        """
        SELECT a.id, a.status FROM appointments a JOIN leaves l ON l.doctor_id = a.doctor_id
            AND tstzrange(l.starts_at, l.ends_at) && tstzrange(a.starts_at, a.ends_at)
        WHERE l.id = :leave AND l.ended_at IS NULL AND a.status IN ('held', 'requested', 'confirmed', 'checked_in')
            AND a.ends_at > now() AND a.placed <> 'walk_in'
            AND a.starts_at > l.starts_at - interval '1 day' AND a.starts_at < l.ends_at
        ORDER BY a.id FOR UPDATE OF a FOR SHARE OF l
        """,
        leave=leave_id,
    )
    held = [one.id for one in found if one.status == "held"]
    return [one.id for one in found if one.status != "held"], held


async def stand(tx: ClinicTx, event: LeaveEnded) -> None:
    """The doctor is there after all: nobody needs to answer any more, and whoever has not is told so."""
    waiting: list[UUID] | None = await tx.value(
        """
        WITH ended AS (
            UPDATE displacements SET answered_at = now(), answer = 'leave_ended'
            WHERE leave_id = :leave AND answered_at IS NULL RETURNING appointment_id
        )
        SELECT array_agg(appointment_id) FROM ended
        """,
        leave=event.leave_id,
    )
    for id in waiting or []:
        announce(tx, VisitStands(id))
