from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.cancel import cancel
from svastha.domain.appointments.model import Appointment
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def cancel_rest(
    tx: ClinicTx, actor: Actor, appointment_id: UUID, *, why: str | None = None, for_patient: bool = False
) -> list[Appointment]:
    """This visit of a series and all that come after it, as ``cancel`` does each of them. NotFound for one that belongs
    to no series; with nothing left to cancel the list is empty."""
    visit = (await seen_by(tx, actor, appointment_id)).appointment
    if visit.series_id is None:
        raise NotFound
    ids: list[UUID] | None = await tx.value(
        """
        SELECT array_agg(id ORDER BY starts_at, id) FROM (SELECT id, starts_at FROM appointments
            WHERE series_id = :series AND starts_at >= :from_at AND ends_at > now()
                AND status IN ('requested', 'confirmed', 'checked_in') ORDER BY id FOR UPDATE) left_of_it
        """,
        series=visit.series_id,
        from_at=visit.starts_at,
    )
    return [await cancel(tx, actor, id, why=why, for_patient=for_patient) for id in ids or []]
