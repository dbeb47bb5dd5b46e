from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.doctors.application import seen_by
from svastha.domain.doctors.model import Document, Kind
from svastha.domain.doctors.ports import Scanner
from svastha.domain.doctors.refusals import NotNow, TooManyDocuments, UnreadableDocument, UnsafeDocument
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.refusals import FieldError, NotFound

LARGEST = 5 * 1024 * 1024
MOST = 12  # of one doctor, those replaced among them


def media_type_of(content: bytes) -> str | None:
    """By what it is, not by what it is called: a beginning and an end of this kind of file."""
    tail = content[-1024:]
    if content.startswith(b"%PDF-") and b"%%EOF" in tail:
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in tail:
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in tail:
        return "image/png"
    return None


async def put_document(
    tx: ControlTx, actor: Actor, kind: Kind, content: bytes, *, scanner: Scanner | None = None
) -> Document:
    """Keep it sealed, in place of an earlier one of the same kind. Only a draft forgets what was replaced."""
    media_type = media_type_of(content)
    if media_type is None or len(content) > LARGEST:
        raise UnreadableDocument(FieldError(kind, N_("Please send a PDF, JPEG or PNG file of at most 5 MB.")))
    if scanner and not await scanner.harmless(content):
        raise UnsafeDocument(FieldError(kind, N_("This file was found to be harmful and was not kept.")))
    application = await seen_by(tx, actor, actor.account_id, lock=True)
    if application.state in ("refused", "suspended"):
        raise NotNow
    old = "doctor_id = :id AND kind = :kind AND replaced_at IS NULL"
    if application.state == "draft":
        await tx.run(f"DELETE FROM doctor_documents WHERE {old}", id=actor.account_id, kind=kind)
    elif len(application.documents) >= MOST:
        raise TooManyDocuments
    else:
        await tx.run(f"UPDATE doctor_documents SET replaced_at = now() WHERE {old}", id=actor.account_id, kind=kind)
    document_id = uuid7()
    await tx.run(
        "INSERT INTO doctor_documents (id, doctor_id, kind, media_type, size, sealed)"
        " VALUES (:id, :doctor_id, :kind, :media_type, :size, :sealed)",
        id=document_id,
        doctor_id=actor.account_id,
        kind=kind,
        media_type=media_type,
        size=len(content),
        sealed=tx.vault.seal("doctor_documents", "sealed", document_id, content),
    )
    await tx.run("UPDATE doctors SET version = version + 1 WHERE id = :id", id=actor.account_id)
    audit.note(tx, actor.account_id, "upload", "doctor_document", document_id, whose=actor.account_id)
    return next(one for one in (await seen_by(tx, actor, actor.account_id)).documents if one.id == document_id)


class Opened(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    content: bytes


class _Row(msgspec.Struct, frozen=True):
    doctor_id: UUID
    kind: str
    media_type: str
    sealed: bytes


async def open_document(tx: ControlTx, actor: Actor, document_id: UUID, *, doctor_id: UUID | None = None) -> Opened:
    """For whoever it belongs to, and for whoever verifies doctors; both leave a trace. ``name`` is one we made up."""
    row = await tx.maybe(
        _Row,
        "SELECT t.doctor_id, kind, media_type, sealed FROM doctor_documents t JOIN doctors d ON d.id = t.doctor_id"
        " WHERE t.id = :id AND t.doctor_id = :doctor_id AND (t.doctor_id = :me OR (:verifies AND state <> 'draft'))",
        id=document_id,
        doctor_id=doctor_id or actor.account_id,
        me=actor.account_id,
        verifies=actor.may("doctor.verify"),
    )
    if row is None:
        raise NotFound
    audit.note(tx, actor.account_id, "read", "doctor_document", document_id, whose=row.doctor_id)
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[row.media_type]
    return Opened(
        f"{row.kind}.{ending}",
        row.media_type,
        tx.vault.open("doctor_documents", "sealed", document_id, row.sealed),
    )
