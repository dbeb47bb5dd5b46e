"""The documents of a doctor on their way in and out: never larger than we keep, never shown inside a page."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile

from svastha.domain import doctors
from svastha.domain.doctors import Document, Kind
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

LARGEST = 5 * 1024 * 1024
UPLOAD = LARGEST + 1024 * 1024  # the request it comes in


async def put(request: Asked, kind: Kind, file: UploadFile | None) -> Document:
    content = await file.read(LARGEST + 1) if file else b""
    if not content:
        raise Invalid(FieldError(kind, N_("Choose a file first.")))
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_control(house) as tx:
        return await doctors.put_document(tx, actor, kind, content, scanner=house.scanner)


async def send(request: Asked, document_id: UUID, *, doctor_id: UUID | None = None) -> Response[Any]:
    """To be saved, not opened: whatever is in it never runs here. Nobody on the way keeps a copy."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        opened = await doctors.open_document(tx, actor, document_id, doctor_id=doctor_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{opened.name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(opened.content, media_type=opened.media_type, headers=headers)
