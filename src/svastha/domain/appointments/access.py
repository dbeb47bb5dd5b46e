from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments.model import ROWS, Appointment, DoctorOnly, NotYours, Row, Visit
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


class _Person(msgspec.Struct, frozen=True):
    birth_date: date | None
    sex: str | None
    city: str


async def seen_by(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, trace: bool = True) -> Visit:
    """The visit, for its patient, its doctor, or the desk. The desk does not read why somebody comes. Whoever is not
    the patient leaves a trace, unless the caller leaves one of its own or asks the same again."""
    row = await tx.maybe(
        Row,
        f"{ROWS} WHERE a.id = :id AND (p.account_id = :me OR (a.doctor_id = :me AND :practises) OR :desk)",
        id=appointment_id,
        me=actor.account_id,
        practises=actor.is_a("doctor", tx.clinic.id),
        desk=actor.runs_desk_of(tx.clinic.id),
    )
    if row is None:
        raise NotFound
    as_patient = row.account_id == actor.account_id
    as_doctor = row.doctor_id == actor.account_id and not as_patient
    reason = None
    if row.reason and (as_doctor or as_patient):
        reason = tx.vault.open("appointments", "reason", row.id, row.reason).decode()
    if trace and not as_patient:
        audit.note(tx, actor.account_id, "read", "appointment", row.id)
    if as_doctor:
        person = await tx.one(_Person, "SELECT birth_date, sex, city FROM patients WHERE id = :id", id=row.patient_id)
    else:
        person = _Person(None, None, "")
    started_at: datetime | None = None
    if row.status == "in_progress":
        started_at = await tx.value(
            "SELECT max(at) FROM appointment_steps WHERE appointment_id = :id AND status = 'in_progress'", id=row.id
        )
    return Visit(
        shown(row, tx.clinic.slug, reason),
        row.account_id,
        as_doctor,
        as_patient,
        person.birth_date,
        person.sex,
        person.city,
        started_at,
    )


async def attended_by(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, trace: bool = False) -> Visit:
    """The visit, for its doctor alone. NotFound for strangers, DoctorOnly for the patient and the desk."""
    visit = await seen_by(tx, actor, appointment_id, trace=trace)
    if not visit.as_doctor:
        raise DoctorOnly
    return visit


async def shared_by(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Visit:
    """The visit, for the two people it is between. The caller leaves a trace of what is read."""
    visit = await seen_by(tx, actor, appointment_id, trace=False)
    if not (visit.as_doctor or visit.as_patient):
        raise NotYours
    return visit


async def for_verification(tx: ClinicTx, appointment_id: UUID) -> Appointment:
    """For a caller that has established its right by other means, such as a job or a signed code."""
    return shown(await tx.one(Row, f"{ROWS} WHERE a.id = :id", id=appointment_id), tx.clinic.slug)


def shown(row: Row, clinic: str, reason: str | None = None) -> Appointment:
    return Appointment(
        row.id,
        row.doctor_id,
        row.doctor_name,
        row.patient_id,
        row.patient_name,
        row.starts_at,
        row.ends_at,
        row.mode,
        row.status,
        row.fee_paise,
        row.hold_expires_at,
        clinic,
        reason,
    )
