from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.consultations.model import Note, NoteFields
from svastha.kit.db import ClinicTx


async def read_note(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Note:
    """For the doctor of the visit alone; an empty one of version 0 where nothing was written."""
    visit = await appointments.attended_by(tx, actor, appointment_id)
    audit.note(tx, actor.account_id, "read", "note", appointment_id, whose=visit.appointment.patient_id)
    return await newest(tx, appointment_id)


class _Kept(msgspec.Struct, frozen=True):
    version: int
    content: bytes
    saved_at: datetime
    signed_at: datetime | None


async def newest(tx: ClinicTx, appointment_id: UUID) -> Note:
    """The caller has seen the visit as its doctor."""
    kept = await tx.maybe(
        _Kept,
        "SELECT version, content, saved_at, signed_at FROM notes WHERE appointment_id = :id",
        id=appointment_id,
    )
    if kept is None:
        return Note()
    plain = tx.vault.open("notes", "content", place(appointment_id, kept.version), kept.content)
    fields = msgspec.structs.asdict(msgspec.json.decode(plain, type=NoteFields))
    return Note(**fields, version=kept.version, saved_at=kept.saved_at, signed_at=kept.signed_at)


class _Signed(msgspec.Struct, frozen=True):
    appointment_id: UUID
    version: int
    content: bytes
    saved_at: datetime
    signed_at: datetime


async def for_record(tx: ClinicTx, appointment_ids: list[UUID]) -> dict[UUID, Note]:
    """The signed notes of these visits. The caller has opened the record."""
    rows = await tx.all(
        _Signed,
        "SELECT appointment_id, version, content, saved_at, signed_at FROM notes"
        " WHERE appointment_id = ANY(:ids::uuid[]) AND signed_at IS NOT NULL",
        ids=appointment_ids,
    )
    found = {}
    for row in rows:
        plain = tx.vault.open("notes", "content", place(row.appointment_id, row.version), row.content)
        fields = msgspec.structs.asdict(msgspec.json.decode(plain, type=NoteFields))
        found[row.appointment_id] = Note(**fields, version=row.version, saved_at=row.saved_at, signed_at=row.signed_at)
    return found


def place(appointment_id: UUID, version: int) -> str:
    """What a sealed note is bound to: an older text put back under a newer version does not open."""
    return f"{appointment_id}/{version}"
