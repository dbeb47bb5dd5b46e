from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments.model import (
    MINE,
    ROWS,
    ROWS_FOR_ME,
    Appointment,
    DoctorOnly,
    NotYours,
    Row,
    RowForMe,
    Visit,
)
from svastha.domain.patients import ACTIVE, Guardian
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


class _Person(msgspec.Struct, frozen=True):
    birth_date: date | None
    sex: str | None
    city: str


class _Seen(RowForMe, frozen=True):
    guardians: list[dict[str, Any]]


_SEEN = f"""
    SELECT v.*, coalesce((SELECT jsonb_agg(jsonb_build_object('id', g.id, 'account_id', g.account_id, 'name', g.name,
            'relation', g.relation, 'valid_from', g.valid_from, 'valid_until', g.valid_until, 'active', {ACTIVE})
            ORDER BY g.name, g.id)
        FROM guardianships g WHERE g.patient_id = v.patient_id), '[]') AS guardians
    FROM ({ROWS_FOR_ME} WHERE a.id = :id AND ({MINE} OR (a.doctor_id = :me AND :practises) OR :desk)) v
"""


async def seen_by(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, trace: bool = True) -> Visit:
    """The visit, for its patient, who acts for her, its doctor, or the desk. The desk does not read why somebody comes.
    Whoever looks leaves a trace, unless the caller leaves one of its own or asks the same again."""
    practises = actor.is_a("doctor", tx.clinic.id)
    row = await tx.maybe(
        _Seen,
        _SEEN,
        id=appointment_id,
        me=actor.account_id,
        practises=practises,
        desk=actor.runs_desk_of(tx.clinic.id),
    )
    if row is None:
        raise NotFound
    herself = row.account_id == actor.account_id
    as_doctor = row.doctor_id == actor.account_id and practises and not herself
    as_patient = row.mine and not as_doctor
    guardians = msgspec.convert(row.guardians, tuple[Guardian, ...])
    reason = None
    if row.reason and (as_doctor or as_patient):
        reason = tx.vault.open("appointments", "reason", row.id, row.reason).decode()
    if trace:
        audit.note(tx, actor.account_id, "read", "appointment", row.id, whose=row.patient_id)
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
        msgspec.structs.replace(
            shown(row, tx.clinic.slug, reason),
            as_guardian=as_patient and not herself,
            guardians=[one for one in guardians if one.active],
        ),
        row.account_id,
        as_doctor,
        as_patient,
        person.birth_date,
        person.sex,
        person.city,
        started_at,
        guardians,
    )


async def seen_at_work(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Appointment:
    """The visit, for its doctor or the desk: nobody answers for the clinic in what is her own."""
    seen = await seen_by(tx, actor, appointment_id)
    if seen.as_patient:
        raise NotFound
    return seen.appointment


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


async def for_record(tx: ClinicTx, patient_id: UUID) -> list[Appointment]:
    """Every visit of a patient that took or takes place, latest first. The caller has opened her record."""
    rows = await tx.all(
        Row,
        f"{ROWS} WHERE a.patient_id = :patient_id"
        " AND a.status IN ('confirmed', 'checked_in', 'in_progress', 'completed')"
        " ORDER BY a.starts_at DESC, a.id",
        patient_id=patient_id,
    )
    return [
        shown(
            row,
            tx.clinic.slug,
            tx.vault.open("appointments", "reason", row.id, row.reason).decode() if row.reason else None,
        )
        for row in rows
    ]


def shown(row: Row, clinic: str, reason: str | None = None, *, me: UUID | None = None) -> Appointment:
    """``me``: who asks, where the row may be of somebody she acts for."""
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
        row.placed,
        row.kind,
        row.branch_id,
        row.follows_id,
        row.series_id,
        row.policy,
        row.version,
        row.charge_percent,
        due(row.fee_paise, row.charge_percent),
        reason,
        isinstance(row, RowForMe) and row.mine and row.account_id != me,
        area=row.area,
    )


def due(fee_paise: int, charge_percent: int | None) -> int | None:
    """Whole paise, in favour of the patient."""
    return None if charge_percent is None else fee_paise * charge_percent // 100
