from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.queue import days
from svastha.domain.queue.access import may_run, this_day
from svastha.domain.queue.model import QueueLate
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid, NotFound

LATEST = 240  # minutes


async def say_late(tx: ClinicTx, actor: Actor, doctor_id: UUID, minutes: int) -> None:
    """The doctor is late by about so many minutes; 0: no longer. By herself or the desk; those affected are told."""
    may_run(tx.clinic, actor, doctor_id)
    if not 0 <= minutes <= LATEST:
        raise Invalid(FieldError("minutes", N_("From 0 to 240 minutes.")))
    if not await tx.value("SELECT true FROM practitioners WHERE doctor_id = :id", id=doctor_id):
        raise NotFound
    day, at = this_day(tx), now()
    await tx.run(
        "INSERT INTO queue_days (doctor_id, day) VALUES (:doctor_id, :day) ON CONFLICT DO NOTHING",
        doctor_id=doctor_id,
        day=day,
    )
    await days.lock(tx, doctor_id, day)
    if not await tx.run(
        "UPDATE queue_days SET late_minutes = :minutes, late_said_at = :at, late_said_by = :me, resumes_at = :resumes"
        " WHERE doctor_id = :doctor_id AND day = :day AND (late_minutes IS DISTINCT FROM :minutes::int)",
        doctor_id=doctor_id,
        day=day,
        minutes=minutes or None,
        at=at,
        me=actor.account_id,
        resumes=await _resumes(tx, doctor_id, at, minutes) if minutes else None,
    ):
        return
    audit.note(tx, actor.account_id, "say_late", "queue", f"{day} {doctor_id}")
    announce(tx, QueueLate(doctor_id, day, minutes, at))


async def _resumes(tx: ClinicTx, doctor_id: UUID, at: datetime, minutes: int) -> datetime | None:
    """When the next one comes in: so long from now, or from the next booked time. With somebody in, the doctor goes on
    as she is: she is late, not away."""
    turns = await days.turns(tx, [doctor_id], this_day(tx))
    if any(turn.status == "in_progress" for turn in turns):
        return None
    here = any(turn.waiting for turn in turns)
    booked = [turn.starts_at for turn in turns if turn.status == "confirmed" and turn.starts_at > at]
    begins = at if here or not booked else min(booked)
    if here and booked and not any(turn.began_at for turn in turns):
        begins = max(at, min(turn.starts_at for turn in turns if turn.waiting or turn.starts_at in booked))
    return begins + timedelta(minutes=minutes)
