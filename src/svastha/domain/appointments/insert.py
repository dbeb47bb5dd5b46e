from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.clear import clear
from svastha.domain.appointments.model import MADE, RESERVED, Appointment, Kind, Placed, Status
from svastha.domain.appointments.step import step
from svastha.domain.patients import Patient
from svastha.domain.schedule import Mode, Place
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7


async def insert(
    tx: ClinicTx,
    actor: Actor | None,
    patient: Patient,
    place: Place,
    *,
    doctor_id: UUID,
    starts_at: datetime,
    mode: Mode,
    status: Status,
    expires_at: datetime | None = None,
    reason: str | None = None,
    why: str | None = None,
    placed: Placed = "booked",
    kind: Kind = "first",
    follows_id: UUID | None = None,
    series_id: UUID | None = None,
    area: str | None = None,
    offered: bool = False,
    made_by: UUID | None = None,
    policy: int | None = None,
) -> Appointment:
    """The row itself and the rooms it needs, under the constraints that have the last word. The policy of today is the
    visit's own from now on. Without an ``actor`` nobody took the step, and ``made_by`` says for whom it was. Whoever
    knows the ``policy`` already has all this written at the door, and is refused there."""
    if place.old_holds:
        await clear(
            tx,
            patient_id=patient.id,
            let_go_by=actor.account_id if actor and status == "held" and not offered else None,
            times=[busy(starts_at, place)],
        )
    at_the_door = policy is not None
    id, policy = uuid7(), policy or await tx.value("SELECT max(version) FROM policies")
    sealed = seal_reason(tx, id, reason)
    tx.write_at_the_door(
        MADE,
        id=id,
        doctor_id=doctor_id,
        patient_id=patient.id,
        starts_at=starts_at,
        ends_at=place.ends_at,
        before_minutes=place.before_minutes,
        after_minutes=place.after_minutes,
        mode=mode,
        status=status,
        fee_paise=place.fee_paise,
        reason="\\x" + sealed.hex() if sealed else None,
        hold_expires_at=expires_at,
        made_by=actor.account_id if actor else made_by,
        branch_id=place.branch_id,
        area=area,
        placed=placed,
        kind=kind,
        follows_id=follows_id,
        series_id=series_id,
        offered=offered,
        policy=policy,
    )
    for resource in place.resources:
        tx.write_at_the_door(
            RESERVED, appointment_id=id, resource_id=resource, starts_at=starts_at, ends_at=place.ends_at
        )
    step(tx, id, status, actor.account_id if actor else None, why)
    if not at_the_door:
        await tx.flush()
    return Appointment(
        id,
        doctor_id,
        place.doctor_name,
        patient.id,
        patient.name,
        starts_at,
        place.ends_at,
        mode,
        status,
        place.fee_paise,
        expires_at,
        tx.clinic.slug,
        placed,
        kind,
        place.branch_id,
        follows_id,
        series_id,
        policy,
        reason=reason if patient.mine else None,
        area=area,
        as_guardian=actor is not None and patient.mine and patient.account_id != actor.account_id,
    )


def busy(starts_at: datetime, place: Place) -> tuple[datetime, datetime]:
    """From when to when the doctor is busy with a visit there."""
    before, after = timedelta(minutes=place.before_minutes), timedelta(minutes=place.after_minutes)
    return starts_at - before, place.ends_at + after


def seal_reason(tx: ClinicTx, appointment_id: UUID, reason: str | None) -> bytes | None:
    return tx.vault.seal("appointments", "reason", appointment_id, reason.encode()) if reason else None
