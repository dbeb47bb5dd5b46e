from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import shown
from svastha.domain.appointments.model import ROWS, Appointment, Row
from svastha.domain.appointments.read import note_list
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def stranded(tx: ClinicTx, actor: Actor, *, most: int = 200) -> list[Appointment]:
    """Visits to come with a doctor who may not be booked any more, for the desk to move to somebody else."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE NOT d.bookable AND a.status IN ('confirmed', 'checked_in') AND a.ends_at > now()"
        " ORDER BY a.starts_at, a.id LIMIT :most",
        most=most,
    )
    note_list(tx, actor, "stranded", tx.clinic.slug, rows)
    return [shown(row, tx.clinic.slug) for row in rows]
