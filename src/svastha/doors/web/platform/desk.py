"""The verification desk: whose registration waits to be looked at, and one of them with everything side by side."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody

from svastha.domain import directory, doctors
from svastha.domain.doctors import DECISIONS, Decision
from svastha.doors import papers, practice, visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.pages import Cursors
from svastha.kit.refusals import Conflict, FieldError, Forbidden, Invalid, Refusal

MOST = 50
STATES = {
    "submitted": N_("To be verified"),
    "more_wanted": N_("Waiting for the doctor"),
    "verified": N_("Verified"),
    "suspended": N_("Suspended"),
    "refused": N_("Refused"),
}
DECISION_WORDS: dict[Decision, str] = {
    "verify": N_("Verify"),
    "ask_for_more": N_("Ask for more"),
    "refuse": N_("Refuse"),
    "suspend": N_("Suspend"),
    "reinstate": N_("End the suspension"),
}
STEPS = {
    "submit": N_("Handed in"),
    "change": N_("Changed by the doctor"),
    "verify": N_("Verified"),
    "ask_for_more": N_("More was wanted"),
    "refuse": N_("Refused"),
    "suspend": N_("Suspended"),
    "reinstate": N_("Suspension ended"),
    "lapse": N_("Registration ended"),
    "demo": N_("Invented for the demo"),
}
KINDS = {
    "registration": N_("Registration certificate"),
    "degree": N_("Degree certificate"),
    "identity": N_("Proof of identity"),
}
TYPES = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}
DECIDED = say("doctor_decided", N_("Decided. The doctor is told."))


class Decided(msgspec.Struct, frozen=True):
    decision: str = ""
    reason: str = ""
    version: int | None = None


@get("/platform/doctors", needs="doctor.verify")
async def desk(
    request: Asked,
    shown: Annotated[str, QueryParameter(name="state")] = "submitted",
    q: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """Who waits longest comes first. A search looks through all states."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    q, state = q.strip()[:100], shown if shown in STATES else "submitted"
    cursors = Cursors(doctors.Place, secret=house.settings.secret, purpose=f"verification desk {state} {q}")
    after = cursors.place(cursor)
    async with visit.to_control(house) as tx:
        counts = await doctors.counted(tx, actor)
        found = await doctors.listed(
            tx, actor, state=None if q else msgspec.convert(state, doctors.State), q=q, after=after, limit=MOST + 1
        )
    found, following = cursors.page(found, MOST, lambda doctor: doctors.Place(doctor.state_since, doctor.id))
    return await page(
        request,
        "platform/desk.html",
        state=state,
        q=q,
        states=STATES,
        counts=counts,
        found=found,
        next_url=f"/platform/doctors?{urlencode({'state': state, 'q': q, 'cursor': following})}" if following else None,
    )


@get("/platform/doctors/{doctor_id:uuid}", needs="doctor.verify")
async def one(request: Asked, doctor_id: FromPath[UUID]) -> Response[Any]:
    return await _one(request, doctor_id, Decided())


@get("/platform/doctors/{doctor_id:uuid}/documents/{document_id:uuid}", needs="doctor.verify")
async def document(request: Asked, doctor_id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[Any]:
    return await papers.send(request, document_id, doctor_id=doctor_id)


@post("/platform/doctors/{doctor_id:uuid}", needs="doctor.verify")
async def decide(request: Asked, doctor_id: FromPath[UUID], data: URLEncodedBody[Decided]) -> Response[Any]:
    try:
        try:
            decision = msgspec.convert(data.decision, Decision)
        except msgspec.ValidationError:
            raise Invalid(FieldError("decision", N_("Please choose."))) from None
        await practice.decide(request, doctor_id, decision, reason=data.reason, version=data.version)
    except (Invalid, Conflict, Forbidden) as refusal:
        return await _one(request, doctor_id, data, refusal)
    return go(request, f"/platform/doctors/{doctor_id}", flash=DECIDED)


async def _one(request: Asked, doctor_id: UUID, typed: Decided, refusal: Refusal | None = None) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        found = await doctors.seen_by(tx, actor, doctor_id)
        others = await doctors.clashes(tx, actor, doctor_id)
        councils = {council.code: council for council in await doctors.councils(tx)}
        listed: list[directory.Language | directory.Specialty] = [
            *await directory.every_language(tx),
            *await directory.specialties(tx),
        ]
    hindi = language_of(request) == "hi"
    return await page(
        request,
        "platform/doctor.html",
        refusal=refusal,
        one=found,
        council=councils.get(found.council_code or ""),
        names={x.code: x.name_hi if hindi else x.name_en for x in listed},
        clashes=others,
        state_words=STATES,
        steps=STEPS,
        kinds=KINDS,
        types=TYPES,
        decisions=[(code, DECISION_WORDS[code]) for code in DECISIONS[found.state]],
        typed=typed,
    )


routes: list[HTTPRouteHandler] = [desk, one, document, decide]
