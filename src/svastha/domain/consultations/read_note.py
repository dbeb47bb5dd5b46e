from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.consultations.model import Note, NoteFields
from svastha.kit.db import ClinicTx


async def read_note(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Note:
    """For the doctor of the visit alone; an empty one of version 0 where nothing was written."""
    await appointments.attended_by(tx, actor, appointment_id)
    audit.note(tx, actor.account_id, "read", "note", appointment_id)
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


def place(appointment_id: UUID, version: int) -> str:
    """What a sealed note is bound to: an older text put back under a newer version does not open."""
    return f"{appointment_id}/{version}"
