"""One visit, from its booking to its prescription, for the patient; and for the desk, without what is private."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Meta

from svastha.domain import appointments, clinics, doctors, prescriptions, queue
from svastha.domain.appointments import Step, Visit
from svastha.domain.patients import RELATIONS
from svastha.domain.prescriptions import Prescription
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.patient.room import worth_telling
from svastha.doors.web.queue_words import CAUSE_WORDS
from svastha.doors.web.render import go, page, safe_next, say
from svastha.doors.web.shown import doctor_url, shown
from svastha.kit.clock import now, zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_, moment_words
from svastha.kit.refusals import NotFound

HALF_A_DAY = timedelta(hours=12)
CANCELLED = say("cancelled", N_("The visit is cancelled. Its time is free for somebody else."))


class Cancellation(msgspec.Struct, frozen=True):
    why: Annotated[str, Meta(max_length=500)] = ""
    next: str = ""


class Told(msgspec.Struct, frozen=True):
    """A step of the visit. ``by``: you, patient, guardian, doctor, clinic, or nobody. ``from_at`` and ``to_at``: of a
    move."""

    status: str
    at: datetime
    by: str
    why: str | None
    from_at: datetime | None
    to_at: datetime | None


def told(step: Step, seen: Visit, me: UUID) -> Told:
    who = ""
    if step.by_account is not None:
        known = {one.account_id: "guardian" for one in seen.guardians}
        known[seen.appointment.doctor_id] = "doctor"
        if seen.patient_account_id:
            known[seen.patient_account_id] = "patient"
        who = "you" if step.by_account == me and seen.as_patient else known.get(step.by_account, "clinic")
    return Told(step.status, step.at, who, step.why, step.from_at, step.to_at)


@get("/c/{clinic:str}/visits/{visit_id:uuid}", needs="visit.read")
async def visit_page(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    signed: Prescription | None = None
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, visit_id)
        steps = [told(step, seen, actor.account_id) for step in await appointments.steps(tx, visit_id)]
        terms = await appointments.terms_of(tx, seen.appointment)
        away = await appointments.away(tx, visit_id)
        instead = await appointments.alternatives(tx, seen.appointment) if away and seen.as_patient else []
        place = await queue.position(tx, actor, visit_id, trace=False) if seen.as_patient and _today(seen) else None
        if seen.as_patient:
            signed = await _signed(tx, request, visit_id)
    if seen.as_doctor:
        return go(request, f"/c/{clinic}/doctor/visits/{visit_id}")
    if seen.as_patient and not any(step.status in ("requested", "confirmed") for step in steps):
        return go(request, f"/c/{clinic}/holds/{visit_id}")
    async with house.routing.reading_control() as control:
        card = await clinics.by_slug(control, clinic)
        doctor = await doctors.known(control, seen.appointment.doctor_id)
    lang = language_of(request)
    words = prescriptions.labels("hi" if lang == "hi" else "en")
    return await page(
        request,
        "patient/visit.html",
        clinic=card,
        doctor=doctor,
        visit=shown(seen),
        follow=place is not None,
        place=worth_telling(place),
        causes=CAUSE_WORDS,
        there=moment_words(seen.appointment.starts_at.astimezone(zone(card.zone)), lang),
        steps=steps,
        terms=terms,
        away=away,
        instead=instead,
        rx=signed,
        forms=tuple(words.form.items()),
        kalas=tuple(words.kala.items()),
        anupanas=tuple(words.anupana.items()),
        as_patient=seen.as_patient,
        acting=[(one.id, one.name, RELATIONS[one.relation]) for one in seen.guardians if one.active],
        again=doctor_url(clinic, doctor.id, seen.appointment.mode),
    )


def _today(seen: Visit) -> bool:
    """Is it worth following where she stands?"""
    visit = seen.appointment
    return visit.status in ("confirmed", "checked_in") and abs(visit.starts_at - now()) < HALF_A_DAY


async def _signed(tx: ClinicTx, request: Asked, visit_id: UUID) -> Prescription | None:
    try:
        return await prescriptions.read(tx, await visit.actor_of(request), visit_id)
    except NotFound:
        return None


@get("/c/{clinic:str}/visits/{visit_id:uuid}/cancel", needs="visit.move")
async def cancel_page(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], next: FromQuery[str] = ""
) -> Response[Any]:
    """The question, on a page of its own."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, visit_id)
        terms = await appointments.terms_of(tx, seen.appointment)
    async with house.routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
    found = shown(seen)
    back = safe_next(next, found.url)
    if not found.cancellable:
        return go(request, back)
    return await page(
        request, "patient/cancel.html", clinic=place, visit=found, terms=terms, back=back, as_patient=seen.as_patient
    )


@post("/c/{clinic:str}/visits/{visit_id:uuid}/cancel", needs="visit.move")
async def cancel(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Cancellation]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        gone = await appointments.cancel(tx, actor, visit_id, why=" ".join(data.why.split()) or None)
    return go(request, safe_next(data.next, f"/c/{quote(clinic)}/visits/{gone.id}"), flash=CANCELLED)


@get("/c/{clinic:str}/visits/{visit_id:uuid}/visit.ics", needs="visit.read")
async def calendar(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[str]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        found = (await appointments.seen_by(tx, actor, visit_id)).appointment
        url = f"{house.settings.url}/c/{clinic}/visits/{found.id}"
        entry = await appointments.calendar_entry(tx, found, url=url)
    return Response(
        entry,
        media_type="text/calendar",
        headers={"Content-Disposition": 'attachment; filename="visit.ics"'},
    )


@get("/c/{clinic:str}/visits/{visit_id:uuid}/prescription.pdf", needs="prescription.read")
async def prescription_pdf(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[bytes]:
    """The signed document, byte for byte: a copy of it is recognised by the page behind its code."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        document = await prescriptions.document(tx, actor, visit_id)
    return Response(
        document,
        media_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="prescription.pdf"', "Cache-Control": "no-store"},
    )


routes: list[HTTPRouteHandler] = [visit_page, cancel_page, cancel, calendar, prescription_pdf]
