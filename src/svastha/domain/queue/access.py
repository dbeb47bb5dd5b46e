from datetime import date
from uuid import UUID

import msgspec

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.domain.queue import days
from svastha.domain.queue.model import NotWaiting, Turn
from svastha.kit.clock import today, zone
from svastha.kit.db import ClinicRef, ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound

LONGEST_WHY = 300


def this_day(tx: ClinicTx) -> date:
    """Today, at the clinic."""
    return today(zone(tx.clinic.zone))


def may_run(clinic: ClinicRef, actor: Actor, doctor_id: UUID) -> None:
    """The desk runs every queue, a doctor her own. NotFound for anybody else."""
    own = doctor_id == actor.account_id and actor.is_a("doctor", clinic.id)
    if not (own or actor.runs_desk_of(clinic.id)):
        raise NotFound


class Entry(msgspec.Struct, frozen=True):
    doctor_id: UUID
    day: date


async def locked(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> tuple[Turn, list[Turn], date]:
    """Somebody who waits, all others of her queue, and its day, for whoever runs it: nobody else changes it until this
    transaction ends. NotFound for strangers and patients, NotWaiting if she does not wait now."""
    visit: Visit = await appointments.seen_by(tx, actor, appointment_id, trace=False)
    may_run(tx.clinic, actor, visit.appointment.doctor_id)
    entry = await tx.maybe(
        Entry, "SELECT doctor_id, day FROM queue_entries WHERE appointment_id = :id", id=appointment_id
    )
    if entry is None:
        raise NotWaiting
    day = max(entry.day, this_day(tx))  # who came before midnight waits with those who came after
    await days.lock(tx, entry.doctor_id, day)
    all_of_it = await days.turns(tx, [entry.doctor_id], day)
    turn = next((one for one in all_of_it if one.appointment_id == appointment_id and one.waiting), None)
    if turn is None:
        raise NotWaiting
    return turn, [one for one in all_of_it if one is not turn], day


def typed(why: str) -> str:
    """A reason somebody has to give."""
    why = why.strip()
    if not why:
        raise Invalid(FieldError("why", N_("Please say why.")))
    if len(why) > LONGEST_WHY or "\x00" in why:
        raise Invalid(FieldError("why", N_("Please be brief: at most 300 characters.")))
    return why
