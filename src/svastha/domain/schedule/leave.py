from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.schedule.access import hold, seen_by
from svastha.domain.schedule.model import TimesChanged
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound

FURTHEST, LONGEST = timedelta(days=731), timedelta(days=366)
LONGEST_NOTE = 200


class Leave(msgspec.Struct, frozen=True):
    """Away: nothing is offered in it, whatever else says so. ``ended_at``: it was taken back."""

    id: UUID
    doctor_id: UUID
    starts_at: datetime
    ends_at: datetime
    note: str
    made_at: datetime
    ended_at: datetime | None


class LeaveTaken(msgspec.Struct, frozen=True):
    """What is booked in it is not cancelled by this: its patients are to be asked."""

    leave_id: UUID
    doctor_id: UUID


class LeaveEnded(msgspec.Struct, frozen=True):
    """She is there after all; nobody who was asked about it needs to answer any more."""

    leave_id: UUID
    doctor_id: UUID


class LeaveOverlaps(Conflict):
    code = "leave_overlaps"
    says = N_("There is leave at this time already.")


class LeaveIsOver(Conflict):
    code = "leave_is_over"
    says = N_("This leave is over.")


LEAVES = "SELECT id, doctor_id, starts_at, ends_at, note, made_at, ended_at FROM leaves"


async def leaves(tx: ClinicTx, actor: Actor, doctor_id: UUID) -> list[Leave]:
    """Present and coming, in order. What was taken back is not among them."""
    await seen_by(tx, actor, doctor_id, "schedule.read")
    return await tx.all(
        Leave,
        f"{LEAVES} WHERE doctor_id = :doctor_id AND ended_at IS NULL AND ends_at > now() ORDER BY starts_at",
        doctor_id=doctor_id,
    )


async def leave(tx: ClinicTx, leave_id: UUID) -> Leave:
    """Of any doctor, past or taken back too; for a caller that has established its right, such as a job."""
    found = await tx.maybe(Leave, f"{LEAVES} WHERE id = :id", id=leave_id)
    if found is None:
        raise NotFound
    return found


async def take_leave(
    tx: ClinicTx, actor: Actor, doctor_id: UUID, *, starts_at: datetime, ends_at: datetime, note: str = ""
) -> Leave:
    """From this moment nothing is sold in it. Raises :class:`LeaveOverlaps`."""
    await seen_by(tx, actor, doctor_id, "schedule.except")
    note, present = note.strip(), now()
    if ends_at <= starts_at:
        raise Invalid(FieldError("to", N_("This ends before it begins.")))
    if ends_at <= present:
        raise Invalid(FieldError("to", N_("This time is over.")))
    if starts_at < present - LONGEST or starts_at > present + FURTHEST:
        raise Invalid(FieldError("from", N_("This is too far away.")))
    if ends_at - starts_at > LONGEST:
        raise Invalid(FieldError("to", N_("Leave lasts a year at most.")))
    if len(note) > LONGEST_NOTE:
        raise Invalid(FieldError("note", N_("This is too long.")))
    await hold(tx, doctor_id)
    leave_id = uuid7()
    async with tx.refusing(one_leave_at_a_time=LeaveOverlaps):
        await tx.run(
            "INSERT INTO leaves (id, doctor_id, starts_at, ends_at, note, made_by)"
            " VALUES (:id, :doctor_id, :starts_at, :ends_at, :note, :by)",
            id=leave_id,
            doctor_id=doctor_id,
            starts_at=starts_at,
            ends_at=ends_at,
            note=note,
            by=actor.account_id,
        )
    announce(tx, LeaveTaken(leave_id, doctor_id))
    announce(tx, TimesChanged(doctor_id))
    audit.note(tx, actor.account_id, "make", "leave", leave_id, why=str(doctor_id))
    return await leave(tx, leave_id)


async def end_leave(tx: ClinicTx, actor: Actor, doctor_id: UUID, leave_id: UUID) -> None:
    """Take it back, also when it has begun. Twice is once. Raises :class:`LeaveIsOver`."""
    await seen_by(tx, actor, doctor_id, "schedule.except")
    await hold(tx, doctor_id)
    known = await leave(tx, leave_id)
    if known.doctor_id != doctor_id:
        raise NotFound
    if known.ended_at:
        return
    if known.ends_at <= now():
        raise LeaveIsOver
    await tx.run("UPDATE leaves SET ended_at = now(), ended_by = :by WHERE id = :id", id=leave_id, by=actor.account_id)
    announce(tx, LeaveEnded(leave_id, doctor_id))
    announce(tx, TimesChanged(doctor_id))
    audit.note(tx, actor.account_id, "end", "leave", leave_id, why=str(doctor_id))
