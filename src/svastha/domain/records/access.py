from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.domain import appointments, audit, consultations, prescriptions
from svastha.domain.accounts import Actor
from svastha.domain.records.model import CARES_FOR, Entry, Record
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import Forbidden, NotFound


class RecordClosed(Forbidden):
    code = "record_closed"
    says = N_("You do not care for this patient. You may open the record with a reason; it will be reviewed.")


class _Patient(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    birth_date: date | None
    sex: str | None
    city: str
    cared_for: bool
    open_until: datetime | None
    opening_id: UUID | None


async def record_of(tx: ClinicTx, actor: Actor, patient_id: UUID) -> Record:
    """Everything signed about her here, latest visit first. Raises RecordClosed before the glass is broken."""
    if not actor.may("record.open", tx.clinic.id):
        raise NotFound
    patient = await tx.maybe(
        _Patient,
        """
        SELECT p.id, p.name, p.birth_date, p.sex, p.city, :practises AND EXISTS (
                SELECT 1 FROM appointments a WHERE a.patient_id = p.id AND a.doctor_id = :me
                AND (a.status IN ('confirmed', 'checked_in', 'in_progress')
                    OR (a.status = 'completed' AND a.ends_at > now() - :cares_for::interval))) AS cared_for,
            o.open_until, o.id AS opening_id
        FROM patients p LEFT JOIN LATERAL (SELECT id, open_until FROM openings one
            WHERE patient_id = p.id AND account_id = :me AND open_until > now()
                AND NOT EXISTS (SELECT FROM openings bad WHERE bad.patient_id = p.id AND bad.account_id = :me
                    AND bad.verdict = 'not_in_order' AND bad.reviewed_at >= one.opened_at)
            ORDER BY open_until DESC LIMIT 1) o ON true
        WHERE p.id = :id
        """,
        id=patient_id,
        me=actor.account_id,
        practises=actor.is_a("doctor", tx.clinic.id),
        cares_for=CARES_FOR,
    )
    if patient is None:
        raise NotFound
    if not patient.cared_for and patient.open_until is None:
        raise RecordClosed
    why = None if patient.cared_for else f"glass broken {patient.opening_id}"
    audit.note(tx, actor.account_id, "read", "record", patient.id, whose=patient.id, why=why)
    visits = await appointments.for_record(tx, patient.id)
    notes = await consultations.for_record(tx, [visit.id for visit in visits])
    signed = await prescriptions.for_record(tx, [visit.id for visit in visits])
    return Record(
        patient.id,
        patient.name,
        patient.birth_date,
        patient.sex,
        patient.city,
        [Entry(visit, notes.get(visit.id), signed.get(visit.id)) for visit in visits],
        None if patient.cared_for else patient.open_until,
    )
