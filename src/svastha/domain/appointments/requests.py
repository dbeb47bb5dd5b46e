from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import shown
from svastha.domain.appointments.model import ROWS, Appointment, Row
from svastha.domain.appointments.read import note_list
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def requests(tx: ClinicTx, actor: Actor, *, most: int = 200) -> list[Appointment]:
    """Who waits for an answer, the most urgent first: of the whole clinic for the desk, of her own for a doctor."""
    desk = actor.runs_desk_of(tx.clinic.id)
    if not desk and not actor.is_a("doctor", tx.clinic.id):
        raise NotFound
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE a.status = 'requested' AND a.hold_expires_at > now() AND (:desk OR a.doctor_id = :me)"
        " ORDER BY a.hold_expires_at, a.id LIMIT :most",
        desk=desk,
        me=actor.account_id,
        most=most,
    )
    note_list(tx, actor, "requests", tx.clinic.slug, rows)
    return [shown(row, tx.clinic.slug) for row in rows]
