"""From a chosen time to a booked visit."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Meta

from svastha.domain import appointments, clinics, doctors, patients, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.schedule import AlreadyBooked, FreeTime, Mode, NotOffered, SlotTaken
from svastha.doors import visit
from svastha.doors.remembered import before_booking
from svastha.doors.two_places import other_visits_at, those_of
from svastha.doors.visit import Asked
from svastha.doors.web.ids import meant, uuid_of
from svastha.doors.web.render import go, page, say
from svastha.doors.web.shown import doctor_url, shown
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.idempotency import KeyReused
from svastha.kit.refusals import Invalid, NotFound, Refusal

BOOKED = say("booked", N_("Your visit is booked. A confirmation is on its way by mail."))
BOOKED_FOR = say("booked_for", N_("The visit is booked. A confirmation goes to everybody who acts for the patient."))
RELEASED = say("released", N_("The time is free again. Choose another one."))


class Wish(msgspec.Struct, frozen=True):
    """``patient_id``: somebody she acts for; empty for herself. ``area``: PIN code of a home visit."""

    doctor_id: UUID
    starts_at: Annotated[datetime, Meta(tz=True)]
    mode: Mode
    patient_id: str = ""
    area: Annotated[str, Meta(max_length=10)] = ""


class Booking(Wish, frozen=True):
    """``key`` is new on every rendered page: the same form sent twice books once."""

    key: str = ""
    reason: str = ""
    hold_id: str = ""


# Public, as booking below: who has not signed in yet is led there and back, and her wish with her.
@post("/c/{clinic:str}/holds", needs="public")
async def hold(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Wish]) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.asker(request)
    if actor is None:
        wish = urlencode({name: str(value) for name, value in msgspec.to_builtins(data).items() if value})
        return go(request, f"/sign-in?{urlencode({'next': f'/c/{clinic}/hold?{wish}'})}")
    await before_booking(house, actor, clinic, data.doctor_id)
    try:
        async with visit.to_clinic(house, clinic) as tx:
            held = await appointments.hold(
                tx,
                actor,
                doctor_id=data.doctor_id,
                starts_at=data.starts_at,
                mode=data.mode,
                minutes=house.settings.hold_minutes,
                patient_id=meant(data.patient_id),
                area=data.area.strip() or None,
            )
    except (SlotTaken, NotOffered, AlreadyBooked) as refusal:
        return await other_times(request, clinic, data, refusal)
    return go(request, f"/c/{clinic}/holds/{held.id}")


@get("/c/{clinic:str}/hold", needs="visit.book")
async def wish_page(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromQuery[UUID],
    starts_at: FromQuery[datetime],
    mode: FromQuery[Mode],
    area: FromQuery[str] = "",
) -> Response[Any]:
    """After signing in: the time that was chosen before, one tap away from being held."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    if starts_at.tzinfo is None:
        raise NotFound
    async with house.routing.reading_control() as control:
        place, doctor = await clinics.by_slug(control, clinic), await doctors.verified(control, doctor_id)
    async with visit.to_clinic(house, clinic) as tx:
        dependants = [(str(one.patient_id), one.name) for one in await patients.dependants(tx, actor)]
    wish = Wish(doctor_id, starts_at, mode, area=area)
    back = doctor_url(clinic, doctor_id, mode)
    return await page(
        request, "patient/wish.html", clinic=place, doctor=doctor, wish=wish, back=back, dependants=dependants
    )


@get("/c/{clinic:str}/holds/{hold_id:uuid}", needs="visit.book")
async def hold_page(request: Asked, clinic: FromPath[str], hold_id: FromPath[UUID]) -> Response[Any]:
    return await confirm_page(request, clinic, hold_id)


@post("/c/{clinic:str}/holds/{hold_id:uuid}/release", needs="visit.book")
async def release(request: Asked, clinic: FromPath[str], hold_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        held = await appointments.seen_by(tx, actor, hold_id)
        if not held.as_patient:
            raise NotFound
        if still := held.appointment.status == "held":
            await appointments.release(tx, actor, hold_id)
    return go(
        request,
        doctor_url(clinic, held.appointment.doctor_id, held.appointment.mode),
        flash=RELEASED if still else None,
    )


@post("/c/{clinic:str}/appointments", needs="public")
async def book(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Booking]) -> Response[Any]:
    actor, hold_id = await visit.asker(request), uuid_of(data.hold_id)
    before = f"/c/{clinic}/holds/{hold_id}" if hold_id else "/home"
    if actor is None:
        return go(request, f"/sign-in?{urlencode({'next': before})}")
    await before_booking(visit.house_of(request), actor, clinic, data.doctor_id)

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await appointments.book(
            tx,
            actor,
            doctor_id=data.doctor_id,
            starts_at=data.starts_at,
            mode=data.mode,
            patient_id=meant(data.patient_id),
            reason=data.reason.replace("\r\n", "\n"),
            hold_id=hold_id,
            area=data.area.strip() or None,
        )

    try:
        answer: Any = (await visit.once(request, clinic, 201, verb, key=data.key)).content
    except (SlotTaken, NotOffered, AlreadyBooked) as refusal:
        return await other_times(request, clinic, data, refusal)
    except KeyReused:  # came back to a form that had booked already, and changed it
        return go(request, before)
    except Invalid as refusal:
        if hold_id is None:
            raise
        return await confirm_page(request, clinic, hold_id, reason=data.reason, refusal=refusal)
    booked = answer["id"] if isinstance(answer, dict) else answer.id
    return go(request, f"/c/{clinic}/visits/{booked}", flash=BOOKED_FOR if data.patient_id else BOOKED)


async def confirm_page(
    request: Asked, clinic: str, hold_id: UUID, *, reason: str = "", refusal: Refusal | None = None
) -> Response[Any]:
    """The last look before booking. A hold that ran out may still be tried; a visit that is booked is shown as such."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        held = await appointments.seen_by(tx, actor, hold_id)
        past = await appointments.steps(tx, hold_id)
        policy, rules = await appointments.policy_in_force(tx), await schedule.house_rules(tx)
    if not held.as_patient:
        raise NotFound
    if any(step.status in ("requested", "confirmed") for step in past):
        return go(request, f"/c/{clinic}/visits/{hold_id}")
    async with house.routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
        doctor = await doctors.known(control, held.appointment.doctor_id)
    wanted = shown(held)
    others = await other_visits_at(request, clinic, wanted.starts_at, wanted.ends_at)
    elsewhere = [(await visit.clinic_of(request, one.clinic)).name for one in those_of(others, held.appointment)]
    left = (wanted.hold_expires_at - now()).total_seconds() if wanted.hold_expires_at else 0
    return await page(
        request,
        "patient/confirm.html",
        refusal=refusal,
        clinic=place,
        doctor=doctor,
        visit=wanted,
        patient_id=held.appointment.patient_id,
        area=held.appointment.area or "",
        seconds=max(0, int(left)),
        whole=house.settings.hold_minutes * 60,
        gone=wanted.starts_at <= now(),
        terms=appointments.terms(policy, wanted.starts_at),
        asks=rules.booking == "requested",
        answer_hours=round(rules.answer_within.total_seconds() / 3600),
        elsewhere=elsewhere,
        back=doctor_url(clinic, wanted.doctor_id, wanted.mode),
        reason=reason,
        key=str(uuid4()),
    )


async def other_times(request: Asked, clinic: str, wish: Wish, refusal: Refusal) -> Response[Any]:
    """The time is gone: the next three, each one tap away. Who had written why she comes does not write it again."""
    async with visit.house_of(request).routing.reading_control() as control:
        place, doctor = await clinics.by_slug(control, clinic), await doctors.known(control, wish.doctor_id)
    times: list[FreeTime] = refusal.details.get("alternatives", [])
    booking = wish if isinstance(wish, Booking) else None
    return await page(
        request,
        "patient/other_times.html",
        refusal=refusal,
        clinic=place,
        doctor=doctor,
        wish=wish,
        times=[(time, str(uuid4())) for time in times],
        reason=booking.reason if booking else None,
        back=doctor_url(clinic, wish.doctor_id, wish.mode),
    )


routes: list[HTTPRouteHandler] = [hold, wish_page, hold_page, release, book]
