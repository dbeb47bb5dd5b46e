"""The desk books for somebody: a free time, one that is not free, or a course of visits."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Meta

from svastha.domain import appointments, doctors, patients, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.patients import AtDesk
from svastha.domain.schedule import MODES, FreeTime, Mode
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.desk.typed import moment_of, number_of
from svastha.doors.web.ids import uuid_of
from svastha.doors.web.public.doctor import laid_out, until
from svastha.doors.web.render import go, page, say, zone_of
from svastha.kit import clock
from svastha.kit.db import ClinicRef, ClinicTx
from svastha.kit.i18n import N_, zone_words
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

BOOKED = say("booked_at_desk", N_("The visit is booked."))
SQUEEZED = say("squeezed_in", N_("Squeezed in. The visit is marked so wherever it is shown."))
COURSE = say("course_booked", N_("All visits of the course are booked."))
A_LIFE = timedelta(days=36_525)
LEAST, MOST, FURTHEST = 2, 30, 60  # visits of a course, and days or weeks from one to the next
# Why one time of a course cannot be, by the code of the refusal.
CANNOT = {
    "slot_taken": N_("somebody else has this time"),
    "already_booked": N_("the patient has another visit then"),
    "time_not_offered": N_("the doctor does not offer this time"),
}
Typed = Annotated[str, Meta(max_length=1000)]


class Wish(msgspec.Struct, frozen=True):
    """``area``: PIN code of a home visit. ``key`` is new on every page."""

    patient_id: UUID
    doctor_id: UUID
    mode: Mode
    area: Annotated[str, Meta(max_length=10)] = ""
    key: str = ""


class Booking(Wish, frozen=True, kw_only=True):
    starts_at: Annotated[datetime, Meta(tz=True)]


class Squeeze(Wish, frozen=True):
    """``date`` and ``time`` are the clinic's."""

    date: Typed = ""
    time: Typed = ""
    why: Typed = ""


class Course(Wish, frozen=True):
    """The first one, and how many, every how many days or weeks."""

    date: Typed = ""
    time: Typed = ""
    visits: Typed = "5"
    every: Typed = "1"
    unit: Literal["days", "weeks"] = "days"


class Somebody(msgspec.Struct, frozen=True):
    name: Typed = ""
    phone: Typed = ""
    doctor: str = ""
    mode: str = ""
    day: str = ""


@get("/c/{clinic:str}/book", needs="desk.read")
async def book_page(
    request: Asked,
    clinic: FromPath[str],
    patient: FromQuery[str] = "",
    doctor: FromQuery[str] = "",
    mode: FromQuery[str] = "",
    day: FromQuery[str] = "",
) -> Response[Any]:
    return await _page(request, clinic, uuid_of(patient), uuid_of(doctor), mode, day=day)


@post("/c/{clinic:str}/book/somebody", needs="visit.book")
async def somebody(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Somebody]) -> Response[Any]:
    """Whom the clinic does not know yet; then the times are shown."""
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            made = await patients.register_at_desk(tx, actor, name=data.name, phone=data.phone)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(
            request, clinic, None, uuid_of(data.doctor), data.mode, day=data.day, at="who", form=data, refusal=refusal
        )
    wanted = {"patient": str(made), "doctor": data.doctor, "mode": data.mode, "day": data.day}
    return go(request, f"/c/{clinic}/book?{urlencode({name: value for name, value in wanted.items() if value})}")


@post("/c/{clinic:str}/book", needs="visit.book")
async def book(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Booking]) -> Response[Any]:
    place = await _at_desk(request, clinic, data.doctor_id)

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await appointments.book(
            tx,
            actor,
            doctor_id=data.doctor_id,
            starts_at=data.starts_at,
            mode=data.mode,
            patient_id=data.patient_id,
            area=data.area or None,
        )

    try:
        await visit.once(request, clinic, 201, verb, key=data.key or str(uuid4()))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _again(request, clinic, data, "book", refusal, data.starts_at)
    return _booked(request, place, data.starts_at, BOOKED)


@post("/c/{clinic:str}/book/squeeze-in", needs="visit.squeeze")
async def squeeze_in(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Squeeze]) -> Response[Any]:
    place = await _at_desk(request, clinic, data.doctor_id)
    try:
        at = moment_of(data.date, data.time, clock.zone(place.zone))

        async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
            return await appointments.squeeze_in(
                tx,
                actor,
                doctor_id=data.doctor_id,
                patient_id=data.patient_id,
                starts_at=at,
                mode=data.mode,
                why=" ".join(data.why.split()),
                area=data.area or None,
            )

        await visit.once(request, clinic, 201, verb, key=data.key or str(uuid4()))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _again(request, clinic, data, "squeeze", refusal)
    return _booked(request, place, at, SQUEEZED)


@post("/c/{clinic:str}/book/course", needs="visit.book")
async def course(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Course]) -> Response[Any]:
    place = await _at_desk(request, clinic, data.doctor_id)
    try:
        times = times_of(data, place)

        async def verb(tx: ClinicTx, actor: Actor) -> list[Appointment]:
            return await appointments.book_series(
                tx,
                actor,
                doctor_id=data.doctor_id,
                mode=data.mode,
                starts=times,
                patient_id=data.patient_id,
                area=data.area or None,
            )

        await visit.once(request, clinic, 201, verb, key=data.key or str(uuid4()))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _again(request, clinic, data, "course", refusal)
    return _booked(request, place, times[0], COURSE)


def times_of(course: Course, place: ClinicRef) -> list[datetime]:
    """The same time of day at the clinic, also where its clock changes between two of them. Raises Invalid."""
    where = clock.zone(place.zone)
    first = moment_of(course.date, course.time, where).astimezone(where)
    visits = number_of("visits", course.visits, least=LEAST, most=MOST)
    every = number_of("every", course.every, least=1, most=FURTHEST)
    apart = timedelta(weeks=every) if course.unit == "weeks" else timedelta(days=every)
    if first - clock.now() > A_LIFE:  # and no further than the calendar goes
        raise Invalid(FieldError("date", N_("This is too far away.")))
    days = [first.date() + k * apart for k in range(visits)]
    return [moment_of(day.isoformat(), first.time().isoformat(), where) for day in days]


async def _at_desk(request: Asked, clinic: str, doctor_id: UUID) -> ClinicRef:
    """Whoever books here works at the desk, and the doctor may practise at this very moment."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    place = await visit.clinic_of(request, clinic)
    if not actor.runs_desk_of(place.id):
        raise NotFound
    async with house.routing.reading_control() as control:
        await doctors.verified(control, doctor_id)
    return place


def _booked(request: Asked, place: ClinicRef, at: datetime, flash: str) -> Response[Any]:
    day = at.astimezone(clock.zone(place.zone)).date()
    return go(request, f"/desk?{urlencode({'clinic': place.slug, 'day': day.isoformat()})}", flash=flash)


async def _again(
    request: Asked, clinic: str, data: Wish, at: str, refusal: Refusal, starts_at: datetime | None = None
) -> Response[Any]:
    where = zone_of(request, await visit.actor_of(request))
    day = starts_at.astimezone(where).date().isoformat() if starts_at else ""
    return await _page(
        request, clinic, data.patient_id, data.doctor_id, data.mode, day=day, at=at, form=data, refusal=refusal
    )


async def _page(
    request: Asked,
    clinic: str,
    patient_id: UUID | None,
    doctor_id: UUID | None,
    mode: str,
    *,
    day: str = "",
    at: str = "",
    form: Any = None,
    refusal: Refusal | None = None,
) -> Response[Any]:
    """``at``: which of its forms was refused: who, book, squeeze or course; ``form``: what was typed into it."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    where, lang = zone_of(request, actor), language_of(request)
    person: AtDesk | None = None
    free: list[FreeTime] = []
    async with visit.to_clinic(house, clinic) as tx:
        place = tx.clinic
        if patient_id:
            person = next(iter(await patients.at_desk(tx, actor, [patient_id])), None)
        bookable = [one for one in await schedule.practitioners(tx) if one.bookable]
        doctor = next((one for one in bookable if one.doctor_id == doctor_id), None) or next(iter(bookable), None)
        modes = [one.mode for one in await schedule.offers_of(tx, doctor.doctor_id)] if doctor else []
        kind = next((one for one in MODES if one == mode and one in modes), modes[0] if modes else None)
        if person and doctor and kind:
            free = await schedule.free_times(
                tx,
                [doctor.doctor_id],
                from_at=clock.now(),
                to_at=until(where),
                mode=kind,
                patient=person.id,
            )
    if patient_id and person is None:
        raise NotFound
    more = refusal.details if refusal else {}
    return await page(
        request,
        "desk/book.html",
        refusal=refusal,
        workplace=place,
        person=person,
        doctors=[(str(one.doctor_id), one.name) for one in bookable],
        doctor=doctor,
        modes=modes,
        mode=kind,
        **laid_out(free, day, where, lang),
        clinic_zone=zone_words(clock.zone(place.zone), lang),
        today=clock.today(clock.zone(place.zone)).isoformat(),
        at=at,
        form=form,
        instead=more.get("alternatives", []),
        times=more.get("times", []),
        cannot=CANNOT,
        key=str(uuid4()),
    )


routes: list[HTTPRouteHandler] = [book_page, somebody, book, squeeze_in, course]
