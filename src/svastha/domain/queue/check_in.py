from datetime import date
from uuid import UUID

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.queue.arrive import arrive
from svastha.domain.queue.model import How
from svastha.kit.db import ClinicTx


async def check_in(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, how: How | None = None) -> Appointment:
    """The patient is here: at the desk, at the door with her telephone, or in the online waiting room. She has a number
    from now on; saying it again changes nothing. Who was missed and comes after all is late like others. ``how`` is for
    staff to say."""
    # Of two who say so at once, the second finds her in the queue.
    await tx.run("SELECT 1 FROM appointments WHERE id = :id FOR UPDATE", id=appointment_id)
    was: str | None = await tx.value(
        "SELECT status FROM appointments JOIN queue_entries ON appointment_id = id WHERE id = :id", id=appointment_id
    )
    visit = await appointments.check_in(tx, actor, appointment_id)
    if was != "checked_in":
        # On the day of the visit; of one that was before midnight, on the day she came.
        day: date = await tx.value(
            "SELECT (greatest(:starts_at, now()) AT TIME ZONE :zone)::date",
            starts_at=visit.starts_at,
            zone=tx.clinic.zone,
        )
        await arrive(tx, visit, how=_how(tx, actor, visit, how), day=day)
    return visit


def _how(tx: ClinicTx, actor: Actor, visit: Appointment, said: How | None) -> How:
    if actor.runs_desk_of(tx.clinic.id) or visit.doctor_id == actor.account_id:
        return said or "desk"
    return "online" if visit.mode == "video" else "qr"
