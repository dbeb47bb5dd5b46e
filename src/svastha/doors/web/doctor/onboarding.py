"""A doctor shows that she is one: a form that can be left at any step and taken up again, and how it stands."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, MultipartBody
from msgspec import Meta

from svastha.domain import directory, doctors
from svastha.domain.doctors import DEGREES, KINDS, Application, Changes, Degree
from svastha.doors import papers, practice, visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.platform.desk import KINDS as KIND_WORDS
from svastha.doors.web.platform.desk import STEPS as HISTORY
from svastha.doors.web.platform.desk import TYPES
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound, Refusal

HOME = "/doctor/onboarding"
ROWS = 4  # of degrees in the form
STEPS = {
    "you": N_("You"),
    "registration": N_("Registration"),
    "degrees": N_("Degrees"),
    "practice": N_("Practice"),
    "documents": N_("Documents"),
}
NAMES = tuple(STEPS)
FIELDS = {  # of the application, by the step that asks for them
    "you": ("name", "gender", "languages"),
    "registration": ("council_code", "registration_no", "registered_on", "valid_to"),
    "degrees": ("degrees",),
    "practice": ("specialties", "about"),
    "documents": KINDS,
}
SAVED = say("onboarding_saved", N_("Saved. You can go on now or later."))
SUBMITTED = say("onboarding_submitted", N_("Handed in. We tell you as soon as somebody has looked at it."))

Some = Annotated[list[str], Meta(max_length=50)]


class Upload(msgspec.Struct, frozen=True):
    kind: str = ""
    file: UploadFile | None = None


@get(HOME, needs="self")
async def overview(request: Asked) -> Response[Any]:
    return await _overview(request)


@post(f"{HOME}/submit", needs="self")
async def submit(request: Asked) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await doctors.submit(tx, actor)
    except (Invalid, Conflict, NotFound) as refusal:
        return await _overview(request, refusal)
    return go(request, HOME, flash=SUBMITTED)


@get(f"{HOME}/documents/{{document_id:uuid}}", needs="self")
async def document(request: Asked, document_id: FromPath[UUID]) -> Response[Any]:
    return await papers.send(request, document_id)


@get(f"{HOME}/documents", needs="self")
async def documents(request: Asked) -> Response[Any]:
    return await _step(request, "documents")


@post(f"{HOME}/documents", request_max_body_size=papers.UPLOAD, needs="self")
async def upload(request: Asked, data: MultipartBody[Upload]) -> Response[Any]:
    try:
        if data.kind not in KINDS:
            raise Invalid(FieldError("kind", N_("Please choose.")))
        await papers.put(request, msgspec.convert(data.kind, doctors.Kind), data.file)
    except (Invalid, Conflict) as refusal:
        return await _step(request, "documents", refusal=refusal)
    except NotFound:  # nothing was begun
        return go(request, f"{HOME}/{NAMES[0]}")
    return go(request, f"{HOME}/documents", flash=SAVED)


@get(f"{HOME}/{{step:str}}", needs="self")
async def step(request: Asked, step: FromPath[str]) -> Response[Any]:
    return await _step(request, step)


@post(f"{HOME}/{{step:str}}", needs="self")
async def save(request: Asked, step: FromPath[str]) -> Response[Any]:
    """What this step asks for, and nothing else, is saved; then comes the next."""
    form = await request.form()
    typed = {name: [str(value) for value in form.getall(name)] for name in form}
    try:
        await practice.save(request, _changes(step, typed))
    except (Invalid, Conflict) as refusal:
        return await _step(request, step, typed=typed, refusal=refusal)
    following = NAMES[NAMES.index(step) + 1]
    return go(request, f"{HOME}/{following}", flash=SAVED)


def _changes(step: str, typed: dict[str, list[str]]) -> Changes:
    """Raises Invalid for what is not even a date or a year, NotFound for a step nobody knows."""

    def one(name: str) -> str:
        return (typed.get(name) or [""])[0].strip()

    if step == "you":
        gender = one("gender")
        return Changes(
            name=one("name"),
            gender=gender if gender in ("female", "male", "other") else None,  # type: ignore[arg-type]
            languages=typed.get("languages", [])[:50],
        )
    if step == "registration":
        return Changes(
            council_code=one("council_code") or None,
            registration_no=one("registration_no"),
            registered_on=_day("registered_on", one("registered_on")),
            valid_to=_day("valid_to", one("valid_to")),
            no_end=not one("valid_to"),
        )
    if step == "degrees":
        return Changes(degrees=[_degree(row, one) for row in range(ROWS) if one(f"degree{row}")])
    if step == "practice":
        return Changes(specialties=typed.get("specialties", [])[:50], about=one("about"))
    raise NotFound


def _day(field: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(FieldError(field, N_("This day cannot be right."))) from None


def _degree(row: int, one: Any) -> Degree:
    year = one(f"year{row}")
    return Degree(
        one(f"degree{row}"),
        one(f"university{row}"),
        int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0,
        one(f"subject{row}"),
    )


async def _application(request: Asked) -> Application | None:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            return await doctors.mine(tx, actor)
    except NotFound:
        return None


async def _overview(request: Asked, refusal: Refusal | None = None) -> Response[Any]:
    one = await _application(request)
    absent = (
        {error.field for error in doctors.missing(one)} if one else {field for row in FIELDS.values() for field in row}
    )
    return await page(
        request,
        "doctor/onboarding.html",
        refusal=refusal,
        one=one,
        steps=STEPS,
        done={name: not absent & set(FIELDS[name]) for name in STEPS},
        complete=one is not None and not absent,
        history=HISTORY,
    )


async def _step(
    request: Asked, step: str, *, typed: dict[str, list[str]] | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    """The form of one step, with what is known, or with what was just typed and why it was not taken."""
    if step not in STEPS:
        raise NotFound
    one, actor = await _application(request), await visit.actor_of(request)
    if step != NAMES[0] and one is None:
        return go(request, f"{HOME}/{NAMES[0]}")
    async with visit.house_of(request).routing.reading_control() as tx:
        councils = await doctors.councils(tx)
        languages, specialties = await directory.every_language(tx), await directory.specialties(tx)
    return await page(
        request,
        "doctor/onboarding_step.html",
        refusal=refusal,
        step=step,
        steps=STEPS,
        number=NAMES.index(step) + 1,
        back=f"{HOME}/{NAMES[NAMES.index(step) - 1]}" if step != NAMES[0] else HOME,
        one=one,
        form=typed if typed is not None else _form(one, actor.name),
        councils=councils,
        named=[(x.code, x.name_hi if language_of(request) == "hi" else x.name_en) for x in languages],
        practised=[(x.code, x.name_hi if language_of(request) == "hi" else x.name_en) for x in specialties],
        degrees=DEGREES,
        rows=range(ROWS),
        kinds=KIND_WORDS,
        types=TYPES,
    )


def _form(one: Application | None, name: str) -> dict[str, list[str]]:
    """As a browser would send it."""
    if one is None:
        return {"name": [name]}
    found = {
        "name": [one.name],
        "gender": [one.gender or ""],
        "languages": one.languages,
        "council_code": [one.council_code or ""],
        "registration_no": [one.registration_no],
        "registered_on": [one.registered_on.isoformat() if one.registered_on else ""],
        "valid_to": [one.valid_to.isoformat() if one.valid_to else ""],
        "specialties": one.specialties,
        "about": [one.about],
    }
    for row, degree in enumerate(one.degrees):
        found |= {
            f"degree{row}": [degree.degree],
            f"subject{row}": [degree.subject],
            f"university{row}": [degree.university],
            f"year{row}": [str(degree.year)],
        }
    return found


routes: list[HTTPRouteHandler] = [overview, submit, documents, document, upload, step, save]
