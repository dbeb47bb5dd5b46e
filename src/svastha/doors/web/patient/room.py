"""The waiting room: a visit by video from half an hour before it begins, and the call itself."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import appointments, queue
from svastha.domain.appointments import Visit
from svastha.domain.queue import Position
from svastha.doors import media, visit
from svastha.doors.media import MediaPass
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.in_place import in_place
from svastha.doors.web.queue_words import CAUSE_WORDS
from svastha.doors.web.render import environment, go, page, safe_next, zone_of
from svastha.doors.web.shown import shown
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, NotFound, Refusal
from svastha.settings import Settings


class RoomClosed(Conflict):
    code = "room_closed"
    says = N_("The waiting room is open from an hour before a visit by video until its end.")


class CheckIn(msgspec.Struct, frozen=True):
    next: str = ""


@get("/c/{clinic:str}/visits/{visit_id:uuid}/room", needs="visit.read")
async def room(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    """Looking in changes nothing: the patient enters by the button on the page."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, visit_id)
        place = await queue.position(tx, actor, visit_id, trace=False) if seen.as_patient else None
    found = shown(seen)
    if seen.as_doctor:
        return go(request, f"/c/{clinic}/doctor/visits/{visit_id}")
    if not seen.as_patient:
        raise NotFound
    if not found.room_open:
        return go(request, found.url)
    return await page(
        request,
        "patient/room.html",
        clinic=tx.clinic,
        visit=found,
        stun=stun_urls(house.settings),
        place=worth_telling(place),
        causes=CAUSE_WORDS,
    )


@post("/c/{clinic:str}/visits/{visit_id:uuid}/check-in", exception_handlers={Refusal: in_place}, needs="visit.move")
async def check_in(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[CheckIn]
) -> Response[Any]:
    """By the patient into the waiting room; by the desk for somebody who has arrived at the clinic."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        seen = await appointments.seen_by(tx, actor, visit_id, trace=False)
        if seen.as_patient and not shown(seen).room_open:
            raise RoomClosed
        moved = await queue.check_in(tx, actor, visit_id)
    seen = msgspec.structs.replace(seen, appointment=moved)
    if "visit-state" in request.headers.get("x-fragment", ""):
        return Response(render_state(request, seen), status_code=200, media_type="text/html")
    return go(request, safe_next(data.next, f"{shown(seen).url}/room" if seen.as_patient else "/desk"))


@post(
    "/c/{clinic:str}/visits/{visit_id:uuid}/video-token",
    status_code=200,
    exception_handlers={Refusal: in_place},
    needs="visit.join",
)
async def video_token(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> MediaPass:
    return await media.media_pass(request, clinic, visit_id)


def render_state(request: Asked, seen: Visit) -> str:
    """``<section id="visit-state">`` for whoever sees this visit: on the page, and again over its stream."""
    lang, actor = language_of(request), request.scope["state"].get("asker")
    around = {"clinic": {"slug": seen.appointment.clinic}, "lang": lang, "zone": zone_of(request, actor)}
    parts: Any = environment(lang).get_template("parts.html").make_module(around)
    return str(parts.visit_state(shown(seen), "doctor" if seen.as_doctor else "patient"))


def worth_telling(place: Position | None) -> Position | None:
    """Nothing, where there is nothing to say about it."""
    live = place and place.status in ("confirmed", "checked_in") and (place.wait or place.number or place.late_minutes)
    return place if live else None


def render_place(request: Asked, place: Position) -> str:
    """``<section id="place">``: where she stands in the queue, as on the page."""
    template = environment(language_of(request)).get_template("patient/place.html")
    return template.render(place=worth_telling(place), causes=CAUSE_WORDS)


def stun_urls(settings: Settings) -> list[str]:
    """For the network check, which needs no credentials."""
    return [url for url in settings.turn_urls.split() if url.startswith("stun:")]


routes: list[HTTPRouteHandler] = [room, check_in, video_token]
