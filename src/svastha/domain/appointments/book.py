from datetime import datetime
from typing import Literal
from uuid import UUID

from svastha.domain import audit, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import seen_by
from svastha.domain.appointments.insert import insert, seal_reason
from svastha.domain.appointments.look_first import look_first
from svastha.domain.appointments.model import Appointment, AppointmentBooked, AppointmentRequested, HoldEnds
from svastha.domain.appointments.prepare import prepare
from svastha.domain.appointments.remind import remind_in_time
from svastha.domain.appointments.step import step
from svastha.domain.patients import Patient
from svastha.domain.schedule import HouseRules, Mode
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce, later
from svastha.kit.refusals import FieldError, Invalid, NotFound

LONGEST_REASON = 2000


async def book(
    tx: ClinicTx,
    actor: Actor,
    *,
    doctor_id: UUID,
    starts_at: datetime,
    mode: Mode,
    patient_id: UUID | None = None,
    patient: Patient | None = None,
    reason: str | None = None,
    hold_id: UUID | None = None,
    follows_id: UUID | None = None,
    area: str | None = None,
) -> Appointment:
    """Book for oneself or somebody one acts for, or, at the desk, for a patient. A hold of hers that still runs becomes
    the visit.

    Where the clinic answers requests first, what a patient books is ``requested`` and keeps its time until somebody
    answers. ``patient``: the caller may book for her, and has locked her. ``follows_id``: an earlier visit of the same
    patient with the same doctor.
    """
    ready = await prepare(
        tx,
        actor,
        doctor_id=doctor_id,
        mode=mode,
        starts_at=starts_at,
        patient_id=patient_id,
        patient=patient,
        hold_id=hold_id,
    )
    reason = checked(reason)
    if follows_id:
        follows_id = await _first(tx, ready.id, doctor_id, follows_id)
    if ready.taken:
        await look_first(tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=ready.id, there=ready.taken)
    rules = ready.rules
    status, answer_by = begins_as(rules, ready, starts_at)
    if hold_id and await _use(tx, hold_id, ready.id, doctor_id, starts_at, mode, reason, status, answer_by, follows_id):
        step(tx, hold_id, status, actor.account_id)
        booked = (await seen_by(tx, actor, hold_id, trace=False)).appointment
    else:
        place = await schedule.claim(
            tx,
            doctor_id=doctor_id,
            mode=mode,
            starts_at=starts_at,
            patient=ready.id,
            area=area,
            doctor=ready.doctor,
        )
        booked = await insert(
            tx,
            actor,
            ready,
            place,
            doctor_id=doctor_id,
            starts_at=starts_at,
            mode=mode,
            status=status,
            expires_at=answer_by,
            reason=reason,
            kind="follow_up" if follows_id else "first",
            follows_id=follows_id,
            area=area,
            policy=ready.policy,
        )
    audit.note(tx, actor.account_id, "book", "appointment", booked.id, whose=booked.patient_id)
    if answer_by:
        announce(tx, AppointmentRequested(booked.id, doctor_id))
        later(tx, HoldEnds(booked.id), run_at=answer_by)
    else:
        announce(tx, AppointmentBooked(booked.id, doctor_id))
        remind_in_time(tx, booked.id, starts_at, rules, ready.zones)
    return booked


def checked(reason: str | None) -> str | None:
    """Why somebody comes, as it may be kept."""
    reason = (reason or "").strip() or None
    if reason and (len(reason) > LONGEST_REASON or "\x00" in reason):
        raise Invalid(FieldError("reason", N_("Please be brief: at most 2,000 characters.")))
    return reason


async def _first(tx: ClinicTx, patient_id: UUID, doctor_id: UUID, visit_id: UUID) -> UUID:
    """Only a visit of the same two people can be followed up; all that follow link to the first."""
    first: UUID | None = await tx.value(
        "SELECT coalesce(follows_id, id) FROM appointments WHERE id = :id AND patient_id = :patient_id"
        " AND doctor_id = :doctor_id AND status IN ('in_progress', 'completed')",
        id=visit_id,
        patient_id=patient_id,
        doctor_id=doctor_id,
    )
    if first is None:
        raise NotFound
    return first


def begins_as(
    rules: HouseRules, patient: Patient, starts_at: datetime
) -> tuple[Literal["requested", "confirmed"], datetime | None]:
    """Confirmed at once, or requested and until when. Whoever works at the desk has said yes by booking."""
    if rules.booking == "instant" or not patient.mine:
        return "confirmed", None
    return "requested", min(starts_at, now() + rules.answer_within)


async def _use(
    tx: ClinicTx,
    hold_id: UUID,
    patient_id: UUID,
    doctor_id: UUID,
    starts_at: datetime,
    mode: Mode,
    reason: str | None,
    status: str,
    answer_by: datetime | None,
    follows_id: UUID | None,
) -> bool:
    """What was held is hers for as long as it was promised, unless the doctor may no longer be booked. False for any
    other hold. The lock is what ``schedule.follow`` waits for."""
    bookable = await tx.value(
        "SELECT true FROM practitioners WHERE doctor_id = :doctor_id AND bookable FOR KEY SHARE", doctor_id=doctor_id
    )
    return bool(
        bookable
        and await tx.run(
            """
            UPDATE appointments SET status = :status, hold_expires_at = :answer_by, reason = :reason,
                follows_id = :follows_id, kind = CASE WHEN :follows_id::uuid IS NULL THEN kind ELSE 'follow_up' END,
                policy = (SELECT max(version) FROM policies)
            WHERE id = :id AND status = 'held' AND hold_expires_at > now() AND patient_id = :patient_id
                AND doctor_id = :doctor_id AND starts_at = :starts_at AND mode = :mode
            """,
            id=hold_id,
            patient_id=patient_id,
            doctor_id=doctor_id,
            starts_at=starts_at,
            mode=mode,
            reason=seal_reason(tx, hold_id, reason),
            status=status,
            answer_by=answer_by,
            follows_id=follows_id,
        )
    )
