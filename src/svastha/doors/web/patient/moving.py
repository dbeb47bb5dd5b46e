"""Another time for a visit, or another visit after it: the same page of free times, for its patient, its doctor and the
desk."""

from datetime import datetime, tzinfo
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Meta

from svastha.domain import appointments, clinics, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment, Visit
from svastha.domain.schedule import MODES, AlreadyBooked, FreeTime, Mode, NotOffered, SlotTaken
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.ids import uuid_of
from svastha.doors.web.public.doctor import laid_out, until
from svastha.doors.web.render import go, page, safe_next, say, zone_of
from svastha.doors.web.shown import shown
from svastha.kit import clock
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import Invalid, NotFound, Refusal

MOVED = say("moved", N_("The visit has its new time. Everybody concerned is told."))
FOLLOWED = say("follow_up_booked", N_("The follow-up visit is booked."))
Instant = Annotated[datetime, Meta(tz=True)]


class Chosen(msgspec.Struct, frozen=True):
    """``doctor_id`` and ``mode``: empty for those of the visit. ``version``: of the visit when the page was drawn."""

    starts_at: Instant
    doctor_id: str = ""
    mode: str = ""
    version: Annotated[str, Meta(max_length=10)] = ""
    why: Annotated[str, Meta(max_length=500)] = ""
    wished: str = ""
    key: str = ""
    next: str = ""


class Wanted(msgspec.Struct, frozen=True):
    """Which free times are shown."""

    doctor_id: UUID
    mode: Mode
    day: str = ""
    next: str = ""


@get("/c/{clinic:str}/visits/{visit_id:uuid}/move", needs="visit.move")
async def move_page(
    request: Asked,
    clinic: FromPath[str],
    visit_id: FromPath[UUID],
    day: FromQuery[str] = "",
    doctor: FromQuery[str] = "",
    next: FromQuery[str] = "",
) -> Response[Any]:
    return await _page(request, clinic, visit_id, "move", day=day, doctor=doctor, next=next)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/move", needs="visit.move")
async def move(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Chosen]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await appointments.reschedule(
                tx,
                actor,
                visit_id,
                starts_at=data.starts_at,
                doctor_id=uuid_of(data.doctor_id),
                why=" ".join(data.why.split()) or None,
                for_patient=bool(data.wished),
                if_version=int(data.version) if data.version.isdecimal() else None,
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, visit_id, "move", doctor=data.doctor_id, next=data.next, refusal=refusal)
    return go(request, safe_next(data.next, f"/c/{clinic}/visits/{visit_id}"), flash=MOVED)


@get("/c/{clinic:str}/visits/{visit_id:uuid}/again", needs="visit.follow")
async def again_page(
    request: Asked,
    clinic: FromPath[str],
    visit_id: FromPath[UUID],
    day: FromQuery[str] = "",
    mode: FromQuery[str] = "",
    next: FromQuery[str] = "",
) -> Response[Any]:
    return await _page(request, clinic, visit_id, "again", day=day, mode=mode, next=next)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/again", needs="visit.follow")
async def again(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Chosen]
) -> Response[Any]:
    mode = _mode(data.mode)
    if mode is None:
        raise NotFound

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await appointments.follow_up(tx, actor, visit_id, starts_at=data.starts_at, mode=mode)

    try:
        await visit.once(request, clinic, 201, verb, key=data.key)
    except (SlotTaken, NotOffered, AlreadyBooked, Invalid) as refusal:
        return await _page(request, clinic, visit_id, "again", mode=data.mode, next=data.next, refusal=refusal)
    return go(request, safe_next(data.next, f"/c/{clinic}/visits/{visit_id}"), flash=FOLLOWED)


async def _page(
    request: Asked,
    clinic: str,
    visit_id: UUID,
    verb: str,
    *,
    day: str = "",
    doctor: str = "",
    mode: str = "",
    next: str = "",
    refusal: Refusal | None = None,
) -> Response[Any]:
    """``verb``: move or again."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    where, lang = zone_of(request, actor), language_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, visit_id)
        terms = await appointments.terms_of(tx, seen.appointment)
        wanted = Wanted(uuid_of(doctor) or seen.appointment.doctor_id, _mode(mode) or seen.appointment.mode, day, next)
        if seen.as_patient or verb == "again":
            wanted = msgspec.structs.replace(wanted, doctor_id=seen.appointment.doctor_id)
        doctors = [] if seen.as_patient else await schedule.practitioners(tx)
        modes = [one.mode for one in await schedule.offers_of(tx, wanted.doctor_id)]
        free = await _free(tx, seen, wanted, verb, where)
    async with house.routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
    found = shown(seen)
    if (verb == "move" and not found.movable) or (verb == "again" and found.status not in ("in_progress", "completed")):
        return go(request, safe_next(next, found.url))
    return await page(
        request,
        "patient/move.html",
        refusal=refusal,
        clinic=place,
        visit=found,
        verb=verb,
        as_patient=seen.as_patient,
        terms=terms,
        wanted=wanted,
        doctors=[(str(one.doctor_id), one.name) for one in doctors if one.bookable],
        modes=modes,
        **laid_out(free, day, where, lang),
        instead=refusal.details.get("alternatives", []) if refusal else [],
        back=safe_next(next, found.url),
        key=str(uuid4()),
    )


async def _free(tx: ClinicTx, seen: Visit, wanted: Wanted, verb: str, where: tzinfo) -> list[FreeTime]:
    one = seen.appointment
    found = await schedule.free_times(
        tx,
        [wanted.doctor_id],
        from_at=clock.now(),
        to_at=until(where),
        mode=wanted.mode,
        patient=one.patient_id,
        but=one.id if verb == "move" else None,
    )
    return [
        free for free in found if verb == "again" or (free.doctor_id, free.starts_at) != (one.doctor_id, one.starts_at)
    ]


def _mode(text: str) -> Mode | None:
    return next((mode for mode in MODES if mode == text), None)


routes: list[HTTPRouteHandler] = [move_page, move, again_page, again]
