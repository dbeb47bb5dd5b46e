from uuid import UUID

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.queue import days
from svastha.domain.queue.access import locked, may_run, this_day, typed
from svastha.domain.queue.arrive import arrive
from svastha.domain.queue.model import QueueMoved, SameDoctor
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def transfer(tx: ClinicTx, actor: Actor, appointment_id: UUID, doctor_id: UUID, *, why: str) -> Appointment:
    """Somebody who waits goes to another doctor, with a number in that queue, by when she came. By the desk or the
    doctor she waits for; the patient can read ``why``."""
    why = typed(why)
    was = (await appointments.seen_by(tx, actor, appointment_id, trace=False)).appointment.doctor_id
    may_run(tx.clinic, actor, was)
    if was == doctor_id:
        raise SameDoctor
    day = this_day(tx)
    for doctor in sorted((was, doctor_id)):  # two that cross do not wait in a circle
        await days.lock(tx, doctor, day)
    turn, _, _ = await locked(tx, actor, appointment_id)
    visit = await appointments.hand_over(tx, actor, appointment_id, doctor_id, why=why)
    await arrive(tx, visit, how="desk", day=day, at=turn.arrived_at)
    for doctor in (was, doctor_id):
        announce(tx, QueueMoved(appointment_id, doctor))
    return visit
