"""What the links of messages open: a small page with one button, for whoever holds the link.

Programs that read mail follow links, so looking changes nothing; only the button does. The right is in the link itself,
not in a cookie, and the address line is not passed on: hence forms are taken without their origin.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from msgspec import Meta

from svastha.domain import appointments, clinics, schedule
from svastha.domain.appointments import Appointment, Link
from svastha.domain.schedule import FreeTime
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.public.doctor import by_day, day_of, parts_of
from svastha.doors.web.public.find import day_named
from svastha.doors.web.render import go, page
from svastha.kit import clock
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_, zone_words
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

AHEAD = timedelta(days=14)
ACTIONS = ("come", "late", "move", "cancel")


class Answer(msgspec.Struct, frozen=True):
    action: Annotated[str, Meta(max_length=10)] = ""
    minutes: Annotated[str, Meta(max_length=4)] = ""
    starts_at: Annotated[str, Meta(max_length=40)] = ""
    doctor_id: Annotated[str, Meta(max_length=40)] = ""


class Costs(msgspec.Struct, frozen=True):
    """In percent of the fee: now, and ``later``, after ``free_until``."""

    now: int
    later: int
    free_until: datetime


class Asking(NamedTuple):
    """What the address says beside the token: which action, which day; and a time that a message proposed."""

    do: str = ""
    day: str = ""
    at: str = ""
    with_doctor: str = ""


class Proposed(msgspec.Struct, frozen=True):
    starts_at: datetime
    doctor_id: UUID
    doctor_name: str


@get("/m/{token:str}", needs="public")
async def from_message(
    request: Asked,
    token: FromPath[str],
    do: FromQuery[str] = "",
    day: FromQuery[str] = "",
    at: FromQuery[str] = "",
    with_doctor: Annotated[str, QueryParameter(name="with")] = "",
) -> Response[Any]:
    return await _page(request, token, Asking(do, day, at, with_doctor))


@post("/m/{token:str}", needs="public", from_elsewhere=True)
async def answer(request: Asked, token: FromPath[str], data: URLEncodedBody[Answer]) -> Response[Any]:
    try:
        await _do(request, token, data)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, token, Asking(data.action), refusal)
    return _careful(go(request, f"/m/{token}?do={data.action}" if data.action != "move" else f"/m/{token}"))


async def _do(request: Asked, text: str, data: Answer) -> None:
    token = appointments.token_of(text, secret=visit.house_of(request).settings.secret)
    for clinic in await _clinics(request, token):
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            # A move locks the doctor first, and finds out by itself whether somebody else was quicker.
            link = await appointments.followed(tx, token, lock=data.action != "move")
            if data.action == "move":
                await appointments.move_by_link(tx, link, _instant(data.starts_at), _doctor(data.doctor_id))
            elif data.action == "come":
                await appointments.say_coming(tx, link)
            elif data.action == "late":
                await appointments.say_late(tx, link, int(data.minutes) if data.minutes.isdecimal() else 0)
            elif data.action == "cancel":
                await appointments.cancel_by_link(tx, link)
            else:
                raise Invalid(FieldError("action", N_("Choose one of these.")))
            return
    raise NotFound


async def _clinics(request: Asked, token: appointments.Token) -> list[str]:
    """Whose link it is: one clinic, but for a rare likeness of two."""
    house = visit.house_of(request)
    async with house.routing.reading_control() as control:
        every = await clinics.placed(control)
    return [one.slug for one in every if appointments.leads_to(token, one.id, secret=house.settings.secret)]


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(FieldError("starts_at", N_("Choose one of the free times."))) from None


def _doctor(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(FieldError("doctor_id", N_("Choose one of these."))) from None


async def _page(request: Asked, text: str, asking: Asking, refusal: Refusal | None = None) -> Response[Any]:
    token = appointments.token_of(text, secret=visit.house_of(request).settings.secret)
    for clinic in await _clinics(request, token):
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            link = await appointments.followed(tx, token)
            action = link.purpose if link.purpose != "all" else asking.do if asking.do in ACTIONS else "all"
            costs = await _costs(tx, link.visit, action) if action in ("cancel", "move") else None
            moving = action == "move" and link.is_for("move")
            free = await _free(tx, link) if moving else []
            proposed = await _proposed(tx, link.visit, asking) if moving else []
            name = tx.clinic.name
        return await _shown(request, text, link, action, name, costs, free, proposed, asking, refusal)
    raise NotFound


async def _costs(tx: ClinicTx, seen: Appointment, action: str) -> Costs:
    cost = await appointments.cost_of(tx, seen, "cancelled" if action == "cancel" else "rescheduled")
    terms = await appointments.terms_of(tx, seen)
    return Costs(cost.charge_percent, 0 if cost.late else terms.late_percent, terms.free_until)


async def _proposed(tx: ClinicTx, seen: Appointment, asking: Asking) -> list[Proposed]:
    """The one time of the message, if it is still free; without one, where the doctor is away, what is free instead."""
    if await appointments.away(tx, seen.id) is None:
        return []
    if not asking.at:
        found = await appointments.alternatives(tx, seen)
        return [Proposed(one.starts_at, one.doctor_id, one.doctor_name) for one in found]
    try:
        at, doctor = _instant(asking.at), await schedule.practitioner(tx, _doctor(asking.with_doctor) or seen.doctor_id)
        just_then = at + timedelta(microseconds=1)
    except (Invalid, NotFound, OverflowError):
        return []
    free = await schedule.free_times(
        tx, [doctor.doctor_id], from_at=at, to_at=just_then, mode=seen.mode, patient=seen.patient_id, but=seen.id
    )
    return [Proposed(one.starts_at, one.doctor_id, doctor.name) for one in free]


async def _free(tx: ClinicTx, link: Link) -> list[FreeTime]:
    return await schedule.free_times(
        tx,
        [link.visit.doctor_id],
        from_at=clock.now(),
        to_at=clock.now() + AHEAD,
        mode=link.visit.mode,
        patient=link.visit.patient_id,
        but=link.visit.id,
    )


async def _shown(
    request: Asked,
    text: str,
    link: Link,
    action: str,
    clinic_name: str,
    costs: Costs | None,
    free: list[FreeTime],
    proposed: list[Proposed],
    asking: Asking,
    refusal: Refusal | None,
) -> Response[Any]:
    """In the zone in which the message named the time. Of the patient no more than the message said."""
    where, lang = clock.zone(link.person.zone), language_of(request)
    today = clock.today(where)
    end = datetime.combine(today + AHEAD, time(), where)
    others = [one for one in free if one.starts_at < end and one.starts_at != link.visit.starts_at]
    days = by_day(others, today, where, lang)
    shown = day_of(days, day_named(asking.day)) if free else None
    found = await page(
        request,
        "public/from_message.html",
        refusal=refusal,
        zone=where,
        zone_name=zone_words(where, lang),
        token=text,
        link=link,
        visit=link.visit,
        action=action,
        clinic_name=clinic_name,
        first_name=link.visit.patient_name.split()[0] if link.person.guardian and link.visit.patient_name else "",
        costs=costs,
        proposed=proposed,
        gone=bool(asking.at) and not proposed,
        choices=appointments.LATE_CHOICES,
        days=[one for one in days if one.times],
        day=shown,
        parts=parts_of(shown.times, where) if shown else [],
    )
    return _careful(found)


def _careful(response: Response[Any]) -> Response[Any]:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


routes = [from_message, answer]
