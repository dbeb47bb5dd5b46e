from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter
from msgspec import Meta

from svastha.domain import doctors
from svastha.domain.doctors import Application, Changes, Clash, Council, Decision, Document, Kind, Listed
from svastha.doors import papers, practice, visit
from svastha.doors.api.problems import answers
from svastha.doors.api.replies import a_file
from svastha.doors.visit import Asked
from svastha.kit.pages import Cursors


class Councils(msgspec.Struct, frozen=True):
    items: list[Council]


class Upload(msgspec.Struct, frozen=True):
    """``file``: PDF, JPEG or PNG, at most 5 MB."""

    kind: Kind
    file: UploadFile


class Desk(msgspec.Struct, frozen=True):
    """``next_cursor`` is null on the last page."""

    items: list[Listed]
    next_cursor: str | None


class OnTheDesk(msgspec.Struct, frozen=True):
    """``clashes``: others with the same council and number."""

    application: Application
    clashes: list[Clash]


class Decided(msgspec.Struct, frozen=True):
    """``reason`` is read by the doctor; asking for more, refusing and suspending need one. ``version``: of the
    application that was looked at; if it has changed since, nothing is decided."""

    decision: Decision
    reason: Annotated[str, Meta(max_length=2000)] = ""
    version: int | None = None


@get("/councils", responses=answers(), tags=["Doctors"], security=[], needs="public")
async def councils(request: Asked) -> Councils:
    """Registers that a doctor may be in."""
    async with visit.house_of(request).routing.reading_control() as tx:
        return Councils(await doctors.councils(tx))


@get("/me/doctor", responses=answers(401, 404), tags=["Doctors"], needs="self")
async def read(request: Asked) -> Application:
    """One's own application; 404 before the first PUT."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await doctors.mine(tx, actor)


@put("/me/doctor", responses=answers(401, 404, 409, 422), tags=["Doctors"], needs="self")
async def save(request: Asked, data: JSONBody[Changes]) -> Application:
    """Begin an application, or change it. What is left out or null stays. Of a verified doctor a new name, council,
    number, date or degree means: not verified until somebody has looked again."""
    return await practice.save(request, data)


@post(
    "/me/doctor/documents",
    responses=answers(401, 404, 409, 413, 422),
    tags=["Doctors"],
    request_max_body_size=papers.UPLOAD,
    needs="self",
)
async def upload(request: Asked, data: MultipartBody[Upload]) -> Document:
    """In place of an earlier document of the same kind."""
    return await papers.put(request, data.kind, data.file)


@get("/me/doctor/documents/{document_id:uuid}", responses=a_file("PDF, JPEG or PNG."), tags=["Doctors"], needs="self")
async def my_document(request: Asked, document_id: FromPath[UUID]) -> Response[Any]:
    return await papers.send(request, document_id)


@post("/me/doctor/submit", status_code=200, responses=answers(401, 404, 409, 422), tags=["Doctors"], needs="self")
async def submit(request: Asked) -> Application:
    """Hand it in. A refusal names everything that is missing."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await doctors.submit(tx, actor)


@get("/platform/doctors", responses=answers(401, 403, 404, 422), tags=["Platform"], needs="doctor.verify")
async def desk(
    request: Asked,
    in_state: Annotated[
        Literal["submitted", "more_wanted", "verified", "refused", "suspended"] | None, QueryParameter(name="state")
    ] = None,
    q: Annotated[str, QueryParameter(max_length=100, description="Part of a name or a number.")] = "",
    cursor: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> Desk:
    """Applications that were handed in; who waits longest comes first."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    cursors = Cursors(doctors.Place, secret=house.settings.secret, purpose="doctors on the desk")
    async with visit.to_control(house) as tx:
        found = await doctors.listed(tx, actor, state=in_state, q=q, after=cursors.place(cursor), limit=limit + 1)
    return Desk(*cursors.page(found, limit, lambda doctor: doctors.Place(doctor.state_since, doctor.id)))


@get("/platform/doctors/{doctor_id:uuid}", responses=answers(401, 403, 404), tags=["Platform"], needs="doctor.verify")
async def one(request: Asked, doctor_id: FromPath[UUID]) -> OnTheDesk:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return OnTheDesk(await doctors.seen_by(tx, actor, doctor_id), await doctors.clashes(tx, actor, doctor_id))


@get(
    "/platform/doctors/{doctor_id:uuid}/documents/{document_id:uuid}",
    responses=a_file("PDF, JPEG or PNG."),
    tags=["Platform"],
    needs="doctor.verify",
)
async def document(request: Asked, doctor_id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[Any]:
    return await papers.send(request, document_id, doctor_id=doctor_id)


@post(
    "/platform/doctors/{doctor_id:uuid}/decisions",
    status_code=200,
    responses=answers(401, 403, 404, 409, 422),
    tags=["Platform"],
    needs="doctor.verify",
)
async def decide(request: Asked, doctor_id: FromPath[UUID], data: JSONBody[Decided]) -> Application:
    """Once this has answered, a suspended doctor is neither found nor booked any more."""
    return await practice.decide(request, doctor_id, data.decision, reason=data.reason, version=data.version)


routes = [councils, read, save, upload, my_document, submit, desk, one, document, decide]
