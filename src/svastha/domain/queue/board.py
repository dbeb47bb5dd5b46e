from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Kind, Placed, Status
from svastha.domain.queue.access import may_run, this_day
from svastha.domain.queue.look import Seen, look
from svastha.domain.queue.model import Priority, Turn, Wait
from svastha.domain.schedule import Mode
from svastha.kit.db import ClinicRef, ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

FURTHEST = timedelta(days=366)


class Line(msgspec.Struct, frozen=True):
    """One visit on the board. ``number`` is null before she arrives; ``wait`` is null for whoever is not waited for.
    ``says_late``: by how many minutes, says the patient."""

    appointment_id: UUID
    patient_id: UUID
    patient_name: str
    number: int | None
    status: Status
    mode: Mode
    kind: Kind
    placed: Placed
    starts_at: datetime
    arrived_at: datetime | None
    began_at: datetime | None
    priority: Priority
    priority_why: str | None
    called_at: datetime | None
    calls: int
    skipped: bool
    says_late: int | None
    wait: Wait | None


class Board(msgspec.Struct, frozen=True):
    """A doctor's queue of a day. ``items``: who is with the doctor, who is called, who waits and who is expected, in
    order; then everybody else of the day."""

    doctor_id: UUID
    doctor_name: str
    day: date
    late_minutes: int | None
    items: list[Line]


def whose(clinic: ClinicRef, actor: Actor, doctor_id: UUID | None) -> UUID | None:
    """Which doctor's queue she may see who asks for this one's: for the desk None is all, for a doctor her own.
    NotFound for anybody else."""
    if doctor_id is None and not actor.runs_desk_of(clinic.id):
        doctor_id = actor.account_id
    if doctor_id:
        may_run(clinic, actor, doctor_id)
    return doctor_id


async def board(
    tx: ClinicTx, actor: Actor, *, doctor_id: UUID | None = None, day: date | None = None, trace: bool = True
) -> list[Board]:
    """For the desk all doctors' queues or one, for a doctor her own. NotFound for anybody else. Whoever looks leaves a
    trace, unless she is only looking again."""
    doctor_id = whose(tx.clinic, actor, doctor_id)
    if doctor_id:
        doctors = [(await schedule.practitioner(tx, doctor_id)).doctor_id]
    else:
        doctors = [one.doctor_id for one in await schedule.practitioners(tx)]
    day = near(tx, day)
    seen = await look(tx, doctors, day)
    if trace:
        people = {turn.patient_id for one in seen for turn in one.turns}
        audit.note(tx, actor.account_id, "read", "queue", day.isoformat(), people=people)
    return [board_of(tx, one, day) for one in seen]


def near(tx: ClinicTx, day: date | None) -> date:
    """Today, if left out. Raises Invalid for what is a year away."""
    today = this_day(tx)
    if day and abs(day - today) > FURTHEST:
        raise Invalid(FieldError("day", N_("This is too far away: within a year of today, please.")))
    return day or today


def board_of(tx: ClinicTx, seen: Seen, day: date) -> Board:
    lines = [_line(tx, turn, seen.waits, seen.reasons) for turn in seen.turns if turn.status != "cancelled"]
    return Board(seen.day.doctor_id, seen.day.doctor_name, day, seen.day.late_minutes, lines)


def _line(tx: ClinicTx, turn: Turn, waits: Mapping[UUID, Wait], reasons: Mapping[UUID, bytes]) -> Line:
    why = reasons.get(turn.appointment_id)
    return Line(
        turn.appointment_id,
        turn.patient_id,
        turn.patient_name,
        turn.number,
        turn.status,
        turn.mode,
        turn.kind,
        turn.placed,
        turn.starts_at,
        turn.arrived_at,
        turn.began_at,
        turn.priority,
        tx.vault.open("queue_entries", "priority_why", turn.appointment_id, why).decode() if why else None,
        turn.called_at,
        turn.calls,
        turn.skipped_at is not None,
        turn.says_late,
        waits.get(turn.appointment_id),
    )
