"""The doctor's screen: the call beside the note and the prescription, which save themselves while she writes."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import appointments, consultations, doctors, prescriptions
from svastha.domain.appointments import Appointment
from svastha.domain.consultations import Note, NoteChanged, NoteFields
from svastha.domain.prescriptions import Prescription, PrescriptionChanged, Rx
from svastha.doors import versions, visit
from svastha.doors.refused import language_of
from svastha.doors.sign_prescription import sign_prescription
from svastha.doors.visit import Asked
from svastha.doors.web.diary import day_of
from svastha.doors.web.doctor import typed
from svastha.doors.web.in_place import in_place, stays, words_of
from svastha.doors.web.patient.room import render_state, stun_urls
from svastha.doors.web.render import go, home_of, page, safe_next, say
from svastha.doors.web.shown import shown
from svastha.kit import clock
from svastha.kit.i18n import N_, translator
from svastha.kit.refusals import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale

SAVED = say("saved", N_("Saved."))
SIGNED = say("prescription_signed", N_("The prescription is signed. The patient has been told."))
NOTE_SIGNED = say("note_signed", N_("The note is signed and locked."))
FINISHED = say("finished", N_("The visit is finished."))
MISSED = say("missed", N_("The visit is marked as missed."))

ON_SCREEN = (Conflict, Forbidden, Invalid, Stale)


@get("/c/{clinic:str}/doctor/visits/{visit_id:uuid}", needs="note.write")
async def consult_page(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    return await screen(request, clinic, visit_id)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/admit", exception_handlers={Refusal: in_place}, needs="visit.admit")
async def admit(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await consultations.admit(tx, actor, visit_id)
            seen = await appointments.seen_by(tx, actor, visit_id, trace=False)
    except ON_SCREEN as refusal:
        return await _refused(request, clinic, visit_id, refusal)
    if "visit-state" in request.headers.get("x-fragment", ""):
        return Response(render_state(request, seen), status_code=200, media_type="text/html")
    return go(request, _url(clinic, visit_id))


@post("/c/{clinic:str}/visits/{visit_id:uuid}/note", exception_handlers={Refusal: in_place}, needs="note.write")
async def save_note(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    actor, form = await visit.actor_of(request), await _form(request)
    mine, version = typed.note_of(form), _version(request, form)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            saved = await consultations.save_note(tx, actor, visit_id, mine, if_version=version)
    except NoteChanged as newer:
        return await _two_versions(request, clinic, visit_id, newer, mine)
    except ON_SCREEN as refusal:
        kept = Note(**msgspec.structs.asdict(mine), version=version)
        return await _refused(request, clinic, visit_id, refusal, note=kept)
    return _saved(request, clinic, visit_id, saved)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/note/sign", exception_handlers={Refusal: in_place}, needs="note.write")
async def sign_note(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    """For a note that was finished after the visit."""
    actor, version = await visit.actor_of(request), _version(request, await _form(request))
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await consultations.sign_note(tx, actor, visit_id, if_version=version)
    except ON_SCREEN as refusal:
        return await _refused(request, clinic, visit_id, refusal)
    return go(request, _url(clinic, visit_id), flash=NOTE_SIGNED)


@post(
    "/c/{clinic:str}/visits/{visit_id:uuid}/prescription",
    exception_handlers={Refusal: in_place},
    needs="prescription.write",
)
async def save_prescription(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    actor, form = await visit.actor_of(request), await _form(request)
    mine, version = typed.rx_of(form), _version(request, form)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            saved = await prescriptions.write(tx, actor, visit_id, mine, if_version=version)
    except PrescriptionChanged as newer:
        return await _two_versions(request, clinic, visit_id, newer, mine)
    except ON_SCREEN as refusal:
        kept = Prescription(**msgspec.structs.asdict(mine), version=version)
        return await _refused(request, clinic, visit_id, refusal, rx=kept)
    return _saved(request, clinic, visit_id, saved)


@post(
    "/c/{clinic:str}/visits/{visit_id:uuid}/prescription/sign",
    exception_handlers={Refusal: in_place},
    needs="prescription.write",
)
async def sign(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    version = _version(request, await _form(request))
    try:
        await sign_prescription(request, clinic, visit_id, if_version=version)
    except ON_SCREEN as refusal:
        return await _refused(request, clinic, visit_id, refusal)
    if request.headers.get("x-fragment"):
        return await screen(request, clinic, visit_id)
    return go(request, _url(clinic, visit_id), flash=SIGNED)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/complete", exception_handlers={Refusal: in_place}, needs="visit.admit")
async def complete(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    """Signs the note that was on the screen; one that was changed elsewhere meanwhile is looked at first."""
    actor, version = await visit.actor_of(request), _version(request, await _form(request))
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            note = await consultations.read_note(tx, actor, visit_id)
            if note.version and not note.signed_at:
                await consultations.sign_note(tx, actor, visit_id, if_version=version)
            await consultations.complete(tx, actor, visit_id)
    except ON_SCREEN as refusal:
        return await _refused(request, clinic, visit_id, refusal)
    return go(request, _url(clinic, visit_id), flash=FINISHED)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/no-show", exception_handlers={Refusal: in_place}, needs="visit.miss")
async def no_show(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    """By the doctor or the desk."""
    actor, form = await visit.actor_of(request), await _form(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await appointments.no_show(tx, actor, visit_id)
    return go(request, safe_next(form.get("next"), home_of(actor)), flash=MISSED)


async def screen(
    request: Asked,
    clinic: str,
    visit_id: UUID,
    *,
    note: Note | None = None,
    rx: Prescription | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    """The whole screen; with ``note`` or ``rx`` as they were typed, where they could not be saved."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, visit_id)
        if not seen.as_doctor:
            raise NotFound
        note = note or await consultations.read_note(tx, actor, visit_id)
        rx = rx or await prescriptions.read(tx, actor, visit_id)
        history = await appointments.past_of_patient(tx, actor, seen.appointment)
        since, until = day_of("", where := clock.zone(tx.clinic.zone)).bounds(where)
        today = await appointments.day_of_doctor(tx, actor, from_at=since, to_at=until)
    async with house.routing.reading_control() as control:
        doctor = await doctors.known(control, actor.account_id)
    status, words = words_of(request, refusal) if refusal else (200, "")
    labels = prescriptions.labels("hi" if language_of(request) == "hi" else "en")
    return await page(
        request,
        "doctor/consult.html",
        status=status,
        problem=words,
        clinic=tx.clinic,
        doctor=doctor,
        visit=shown(seen),
        note=note,
        rx=rx,
        forms=tuple(labels.form.items()),
        kalas=tuple(labels.kala.items()),
        anupanas=tuple(labels.anupana.items()),
        history=[{"url": _url(clinic, a.id), "date": a.starts_at, "doctor": a.doctor_name} for a in history],
        queue=[_queued(a) for a in today if a.id != visit_id and _ahead(a)],
        stun=stun_urls(house.settings),
    )


def _ahead(a: Appointment) -> bool:
    return a.status == "checked_in" or (a.status == "confirmed" and a.ends_at > clock.now())


def _queued(a: Appointment) -> dict[str, Any]:
    return {"url": _url(a.clinic, a.id), "name": a.patient_name, "time": a.starts_at, "status": a.status}


async def _refused(request: Asked, clinic: str, visit_id: UUID, refusal: Refusal, **typed_so_far: Any) -> Response[Any]:
    """A script shows it by itself; a form that was sent comes back with everything typed, and the words above it."""
    if stays(request):
        raise refusal
    return await screen(request, clinic, visit_id, refusal=refusal, **typed_so_far)


async def _two_versions(
    request: Asked, clinic: str, visit_id: UUID, newer: Refusal, mine: NoteFields | Rx
) -> Response[Any]:
    theirs, ours = typed.fields_of(newer.details["fields"]), typed.fields_of(mine)
    if stays(request):
        raise type(newer)(version=newer.details["version"], fields=theirs)
    _ = translator(language_of(request))
    names = {name: _(words) for name, words in typed.NAMES.items()}
    return await page(
        request,
        "doctor/conflict.html",
        status=412,
        action=request.url.path,
        back=_url(clinic, visit_id),
        version=newer.details["version"],
        mine=ours,
        differences=[(names[d.name] + (f" ({d.row})" if d.row else ""), d) for d in typed.differences(theirs, ours)],
    )


def _saved(request: Asked, clinic: str, visit_id: UUID, version: int) -> Response[Any]:
    if "x-autosave" in request.headers:
        return Response(None, status_code=204, headers={"ETag": versions.etag(version)})
    return go(request, _url(clinic, visit_id), flash=SAVED)


def _version(request: Asked, form: dict[str, str]) -> int:
    return versions.expected(request.headers.get("if-match") or form.get("version"))


async def _form(request: Asked) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _url(clinic: str, visit_id: UUID) -> str:
    return f"/c/{clinic}/doctor/visits/{visit_id}"


routes: list[HTTPRouteHandler] = [
    consult_page,
    admit,
    save_note,
    sign_note,
    save_prescription,
    sign,
    complete,
    no_show,
]
