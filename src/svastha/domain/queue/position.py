from datetime import date
from uuid import UUID

import msgspec

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Status
from svastha.domain.queue.access import this_day
from svastha.domain.queue.look import Seen, look
from svastha.domain.queue.model import Turn, Wait
from svastha.kit.db import ClinicTx


class Position(msgspec.Struct, frozen=True):
    """Where somebody stands. ``number`` is null before she arrives, ``ahead`` (how many come in before her) and
    ``wait`` where she is not expected any more, or not on that day. ``late_minutes``: says the doctor."""

    appointment_id: UUID
    doctor_id: UUID
    doctor_name: str
    status: Status
    day: date
    number: int | None
    ahead: int | None
    called: bool
    skipped: bool
    late_minutes: int | None
    wait: Wait | None


async def position(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, trace: bool = True) -> Position:
    """For the patient, who acts for her, her doctor and the desk. Of others she learns how many they are."""
    visit = (await appointments.seen_by(tx, actor, appointment_id, trace=trace)).appointment
    day: date = await tx.value(
        "SELECT greatest((SELECT day FROM queue_entries WHERE appointment_id = :id),"
        " (:starts_at::timestamptz AT TIME ZONE :zone)::date)",
        id=visit.id,
        starts_at=visit.starts_at,
        zone=tx.clinic.zone,
    )
    live = visit.status in ("checked_in", "in_progress") and (this_day(tx) - day).days == 1
    [seen] = await look(tx, [visit.doctor_id], this_day(tx) if live else day)
    found = next(
        (_place(seen, k, turn, day) for k, turn in enumerate(seen.turns) if turn.appointment_id == visit.id), None
    )
    if found is None:
        late = seen.day.late_minutes
        return Position(
            visit.id, visit.doctor_id, visit.doctor_name, visit.status, day, None, None, False, False, late, None
        )
    return found


def positions_of(seen: Seen, day: date) -> dict[UUID, Position]:
    """Of everybody in it."""
    return {turn.appointment_id: _place(seen, k, turn, day) for k, turn in enumerate(seen.turns)}


def _place(seen: Seen, place: int, turn: Turn, day: date) -> Position:
    wait = seen.waits.get(turn.appointment_id)
    return Position(
        turn.appointment_id,
        turn.doctor_id,
        seen.day.doctor_name,
        turn.status,
        day,
        turn.number,
        place if wait else None,
        turn.waiting and turn.called_at is not None,
        turn.waiting and turn.skipped_at is not None,
        seen.day.late_minutes,
        wait,
    )
