from uuid import UUID

import msgspec

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.prescriptions.model import (
    MOST_ITEMS,
    WRITTEN_IN,
    NotWritten,
    PrescriptionChanged,
    PrescriptionLocked,
    Rx,
)
from svastha.domain.prescriptions.read import newest, place
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.refusals import FieldError, Invalid

LONGEST = {
    "medicine": 200,
    "form": 100,
    "dose": 100,
    "kala": 100,
    "anupana": 100,
    "instructions": 500,
    "diagnosis": 500,
    "diet": 4000,
    "advice": 4000,
    "follow_up": 300,
}
MOST_DAYS = 366


async def write(tx: ClinicTx, actor: Actor, appointment_id: UUID, rx: Rx, *, if_version: int) -> int:
    """Replace the version that was read (0: none yet) and return the new one. Who read an older one gets
    PrescriptionChanged with the newer."""
    visit = await appointments.attended_by(tx, actor, appointment_id)
    check(rx)
    if visit.appointment.status not in WRITTEN_IN:
        raise NotWritten
    version = if_version + 1
    written = await tx.run(
        _FIRST if if_version == 0 else _NEXT,
        id=uuid7(),
        appointment_id=appointment_id,
        doctor_id=actor.account_id,
        if_version=if_version,
        version=version,
        content=tx.vault.seal("prescriptions", "content", place(appointment_id, version), msgspec.json.encode(rx)),
    )
    if not written:
        found = await newest(tx, appointment_id)
        if found.signed_at:
            raise PrescriptionLocked
        audit.note(tx, actor.account_id, "read", "prescription", appointment_id, whose=visit.appointment.patient_id)
        raise PrescriptionChanged(version=found.version, fields=found.rx)
    audit.note(tx, actor.account_id, "write", "prescription", appointment_id, whose=visit.appointment.patient_id)
    return version


_FIRST = """
    INSERT INTO prescriptions (id, appointment_id, doctor_id, version, content)
    VALUES (:id, :appointment_id, :doctor_id, :version, :content)
    ON CONFLICT ON CONSTRAINT one_prescription_per_visit DO NOTHING
"""
_NEXT = """
    UPDATE prescriptions SET version = :version, content = :content
    WHERE appointment_id = :appointment_id AND version = :if_version AND signed_at IS NULL
"""


def check(rx: Rx) -> None:
    """Raises Invalid, naming fields as in ``items.0.medicine``."""
    errors = _texts(rx, "")
    if len(rx.items) > MOST_ITEMS:
        errors.append(FieldError("items", N_("A prescription has at most 60 medicines.")))
    for n, item in enumerate(rx.items[:MOST_ITEMS]):
        if not item.medicine.strip():
            errors.append(FieldError(f"items.{n}.medicine", N_("Name the medicine.")))
        errors += _texts(item, f"items.{n}.")
        if not 0 <= item.days <= MOST_DAYS:
            errors.append(FieldError(f"items.{n}.days", N_("Between 1 and 366 days, or nothing.")))
    if errors:
        raise Invalid(*errors)


def _texts(part: msgspec.Struct, prefix: str) -> list[FieldError]:
    errors = []
    for name, text in msgspec.structs.asdict(part).items():
        if isinstance(text, str) and len(text) > LONGEST[name]:
            errors.append(FieldError(f"{prefix}{name}", N_("This is too long.")))
        elif isinstance(text, str) and "\x00" in text:
            errors.append(FieldError(f"{prefix}{name}", N_("This holds a sign that cannot be stored.")))
    return errors
