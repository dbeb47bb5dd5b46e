from datetime import date, datetime

from svastha.domain import schedule
from svastha.domain.appointments import Appointment
from svastha.domain.queue import days
from svastha.domain.queue.model import How
from svastha.domain.queue.order import due_on_arrival, waiting
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx


async def arrive(tx: ClinicTx, visit: Appointment, *, how: How, day: date, at: datetime | None = None) -> int:
    """A number in the queue of the visit's doctor; whoever has one there keeps it. ``at``: when she came, if that was
    to another doctor."""
    sent, at = at is not None, at or now()
    kept: int | None = await tx.value(
        "SELECT no FROM queue_entries WHERE appointment_id = :id AND doctor_id = :doctor_id AND day = :day",
        id=visit.id,
        doctor_id=visit.doctor_id,
        day=day,
    )
    if kept is None:
        number = await days.next_number(tx, visit.doctor_id, day)
    else:
        number = kept
        await days.lock(tx, visit.doctor_id, day)
    rules = await schedule.house_rules(tx)
    late = visit.placed != "walk_in" and at > visit.starts_at + rules.late_after
    others = waiting(await days.turns(tx, [visit.doctor_id], day)) if late else []
    due = due_on_arrival(
        visit.placed,
        visit.starts_at,
        [one for one in others if one.appointment_id != visit.id],
        at=max(at, visit.starts_at) if sent else at,
        late_after=rules.late_after,
        rule=rules.late_rule,
        places=rules.late_places,
    )
    await tx.run(
        """
        INSERT INTO queue_entries (appointment_id, doctor_id, day, no, how, arrived_at, due_at, first_due_at)
        VALUES (:id, :doctor_id, :day, :no, :how, :at, :due, :due)
        ON CONFLICT (appointment_id) DO UPDATE SET doctor_id = excluded.doctor_id, day = excluded.day,
            no = excluded.no, how = excluded.how, arrived_at = excluded.arrived_at, due_at = excluded.due_at,
            first_due_at = excluded.first_due_at, called_at = NULL, called_by = NULL, calls = 0, skipped_at = NULL,
            shown = NULL
        """,
        id=visit.id,
        doctor_id=visit.doctor_id,
        day=day,
        no=number,
        how=how,
        at=at,
        due=due,
    )
    return number
