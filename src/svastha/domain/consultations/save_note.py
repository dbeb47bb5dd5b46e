from uuid import UUID

import msgspec

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.consultations.model import (
    LONGEST_FIELD,
    WRITTEN_IN,
    NoteChanged,
    NoteFields,
    NoteSigned,
    NotWritten,
)
from svastha.domain.consultations.read_note import newest, place
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid


async def save_note(tx: ClinicTx, actor: Actor, appointment_id: UUID, fields: NoteFields, *, if_version: int) -> int:
    """Replace the version that was read (0: none yet) and return the new one. Who read an older one gets NoteChanged
    with the newer text, and nothing is lost on either side."""
    visit = await appointments.attended_by(tx, actor, appointment_id)
    check(fields)
    if visit.appointment.status not in WRITTEN_IN:
        raise NotWritten
    version = if_version + 1
    saved = await tx.run(
        _FIRST if if_version == 0 else _NEXT,
        id=appointment_id,
        doctor_id=actor.account_id,
        if_version=if_version,
        version=version,
        content=tx.vault.seal("notes", "content", place(appointment_id, version), msgspec.json.encode(fields)),
    )
    if not saved:
        note = await newest(tx, appointment_id)
        if note.signed_at:
            raise NoteSigned
        audit.note(tx, actor.account_id, "read", "note", appointment_id, whose=visit.appointment.patient_id)
        raise NoteChanged(version=note.version, fields=note.fields)
    audit.note(tx, actor.account_id, "write", "note", appointment_id, whose=visit.appointment.patient_id)
    return version


_FIRST = """
    INSERT INTO notes (appointment_id, doctor_id, version, content) VALUES (:id, :doctor_id, :version, :content)
    ON CONFLICT (appointment_id) DO NOTHING
"""
_NEXT = """
    UPDATE notes SET version = :version, content = :content, saved_at = now()
    WHERE appointment_id = :id AND version = :if_version AND signed_at IS NULL
"""


def check(fields: NoteFields) -> None:
    errors = []
    for name, text in msgspec.structs.asdict(fields).items():
        if len(text) > LONGEST_FIELD:
            errors.append(FieldError(name, N_("Please be brief: at most 20,000 characters.")))
        elif "\x00" in text:
            errors.append(FieldError(name, N_("This holds a sign that cannot be stored.")))
    if errors:
        raise Invalid(*errors)
