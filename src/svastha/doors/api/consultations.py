from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody

from svastha.domain import consultations
from svastha.domain.appointments import Appointment
from svastha.domain.consultations import Note
from svastha.doors import media, versions, visit
from svastha.doors.api.problems import answers
from svastha.doors.media import MediaPass
from svastha.doors.versions import VERSIONED, IfMatch
from svastha.doors.visit import Asked


@post(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/admit",
    status_code=200,
    responses=answers(401, 403, 404, 409),
    tags=["Visit"],
    needs="visit.admit",
)
async def admit(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Appointment:
    """The doctor lets the patient in."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await consultations.admit(tx, actor, appointment_id)


@post(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/complete",
    status_code=200,
    responses=answers(401, 403, 404, 409),
    tags=["Visit"],
    needs="visit.admit",
)
async def complete(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Appointment:
    """The doctor ends the visit. Its note is signed and locked."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await consultations.complete(tx, actor, appointment_id)


@post(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/video-token",
    status_code=200,
    responses=answers(401, 403, 404, 409),
    tags=["Visit"],
    needs="visit.join",
)
async def video_token(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> MediaPass:
    """A way into the call, for its doctor and its patient, only while the visit is in progress."""
    return await media.media_pass(request, clinic, appointment_id)


@get(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/note",
    responses=answers(401, 403, 404),
    response_headers=VERSIONED,
    tags=["Note"],
    needs="note.read",
)
async def read_note(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Note]:
    """For the doctor of the visit. `version` 0 with empty fields where nothing was written yet."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _versioned(await consultations.read_note(tx, actor, appointment_id))


@put(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/note",
    responses=answers(401, 403, 404, 409, 412, 422, 428),
    response_headers=VERSIONED,
    tags=["Note"],
    needs="note.write",
)
async def save_note(
    request: Asked,
    clinic: FromPath[str],
    appointment_id: FromPath[UUID],
    data: JSONBody[Note],
    if_match: IfMatch = None,
) -> Response[Note]:
    """Replace the note. `If-Match` is required; a 412 carries the newer one as `version` and `fields`. What only the
    server says (`version`, `saved_at`, `signed_at`) may be sent back and is ignored."""
    actor, version = await visit.actor_of(request), versions.expected(if_match)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await consultations.save_note(tx, actor, appointment_id, data.fields, if_version=version)
        return _versioned(await consultations.read_note(tx, actor, appointment_id))


@post(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/note/sign",
    status_code=200,
    responses=answers(401, 403, 404, 409, 412),
    response_headers=VERSIONED,
    tags=["Note"],
    needs="note.write",
)
async def sign_note(
    request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID], if_match: IfMatch = None
) -> Response[Note]:
    """Sign and lock the note: what it is now, or, with `If-Match`, only what was read."""
    actor = await visit.actor_of(request)
    version = versions.expected(if_match) if if_match else None
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _versioned(await consultations.sign_note(tx, actor, appointment_id, if_version=version))


def _versioned(note: Note) -> Response[Note]:
    return Response(note, headers={"ETag": versions.etag(note.version)})


routes = [admit, complete, video_token, read_note, save_note, sign_note]
