"""The queues of today, drawn anew after every change: of all doctors for the desk, of her own for a doctor."""

from collections.abc import Hashable
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from markupsafe import Markup
from msgspec import Meta

from svastha.domain import queue
from svastha.domain.queue import Board, Line, Priority
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.ids import uuid_of
from svastha.doors.web.in_place import in_place
from svastha.doors.web.render import environment, go, page, safe_next, say
from svastha.kit import clock
from svastha.kit.db import ClinicRef
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

LATE_TOLD = say("late_told", N_("Those who wait for this doctor are told."))
LATE = (0, 10, 20, 30, 45, 60)  # minutes
MINUTES = Markup("<!-- minutes -->")
Why = Annotated[str, Meta(max_length=300)]


class Call(msgspec.Struct, frozen=True):
    doctor_id: UUID


class Late(msgspec.Struct, frozen=True):
    doctor_id: UUID
    minutes: Annotated[int, Meta(ge=0, le=240)]
    next: str = ""


class Place(msgspec.Struct, frozen=True):
    priority: Priority
    why: Why = ""


class Transfer(msgspec.Struct, frozen=True):
    doctor_id: UUID
    why: Why = ""


@get("/c/{clinic:str}/queue", needs="queue.run")
async def queues(request: Asked, clinic: FromPath[str], doctor: FromQuery[UUID | None] = None) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        boards = await queue.board(tx, actor, doctor_id=doctor)
    place = await visit.clinic_of(request, clinic)
    return await page(
        request,
        "desk/queue.html",
        workplace=place,
        queues=_queues(request, place, boards),
        doctor=doctor,
    )


def render_board(request: Asked, clinic: ClinicRef, boards: list[Board]) -> str:
    """``<div id="board">``: on the page, and again over its stream."""
    template = environment(language_of(request)).get_template("desk/board.html")
    return template.render(queues=_queues(request, clinic, boards))


def _queues(request: Asked, clinic: ClinicRef, boards: list[Board]) -> list[Markup]:
    """Of each doctor one, who has somebody first. Many look at the same: it is drawn once, then where it changes."""
    lang, at = language_of(request), clock.now()
    around = {"clinic": clinic, "late": LATE, "lang": lang, "zone": clock.zone(clinic.zone), "minutes": MINUTES}

    def draw(template: str, **of: Any) -> Markup:
        return Markup(environment(lang).get_template(template).render(around, **of))  # noqa: S704  # nosec B704 - escaped there

    def drawn(template: str, what: Hashable, **of: Any) -> Markup:
        name = template, clinic.slug, what, lang, len(boards)
        kept: Markup = request.app.state.shared.drawn(name, (clinic, of), lambda: draw(template, **of))
        return kept

    def turn(one: Line, others: list[tuple[UUID, str]]) -> Markup:
        """How long she waits is another number every minute, and a small part of it."""
        still = msgspec.structs.replace(one, wait=None)
        row = drawn("desk/turn.html", one.appointment_id, one=still, others=others, begun=one.starts_at <= at)
        told = one.wait and one.status != "in_progress" and not one.called_at
        return row.replace(MINUTES, drawn("desk/minutes.html", one.wait, wait=one.wait) if told else "")

    boards, found = sorted(boards, key=lambda one: not one.items), []
    for board in boards:
        others = [(one.doctor_id, one.doctor_name) for one in boards if one is not board]
        turns = [turn(one, others) for one in board.items]
        found.append(draw("desk/turns.html", board=board, turns=turns))
    return found


@post("/c/{clinic:str}/queue/call-next", exception_handlers={Refusal: in_place}, needs="queue.run")
async def call_next(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Call]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.call_next(tx, actor, data.doctor_id)
    return await _again(request, clinic)


@post("/c/{clinic:str}/queue/late", exception_handlers={Refusal: in_place}, needs="queue.run")
async def late(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Late]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.say_late(tx, actor, data.doctor_id, data.minutes)
    return await _again(request, clinic, LATE_TOLD, data.next)


@post("/c/{clinic:str}/queue/{visit_id:uuid}/skip", exception_handlers={Refusal: in_place}, needs="queue.run")
async def skip(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.skip(tx, actor, visit_id)
    return await _again(request, clinic)


@post("/c/{clinic:str}/queue/{visit_id:uuid}/recall", exception_handlers={Refusal: in_place}, needs="queue.run")
async def recall(request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.recall(tx, actor, visit_id)
    return await _again(request, clinic)


@post("/c/{clinic:str}/queue/{visit_id:uuid}/priority", exception_handlers={Refusal: in_place}, needs="queue.run")
async def prioritise(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Place]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.prioritise(tx, actor, visit_id, data.priority, why=data.why)
    return await _again(request, clinic)


@post("/c/{clinic:str}/queue/{visit_id:uuid}/transfer", exception_handlers={Refusal: in_place}, needs="queue.run")
async def transfer(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Transfer]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await queue.transfer(tx, actor, visit_id, data.doctor_id, why=data.why)
    return await _again(request, clinic)


async def _again(request: Asked, clinic: str, flash: str | None = None, next: str = "") -> Response[Any]:
    """The board as it is now, for a script that puts it in place; else the page."""
    doctor = uuid_of(request.query_params.get("doctor", ""))
    if "board" in request.headers.get("x-fragment", ""):
        actor = await visit.actor_of(request)
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            boards = await queue.board(tx, actor, doctor_id=doctor, trace=False)
        return Response(render_board(request, tx.clinic, boards), status_code=200, media_type="text/html")
    back = f"/c/{quote(clinic)}/queue"
    return go(request, safe_next(next, f"{back}?doctor={doctor}" if doctor else back), flash=flash)


routes: list[HTTPRouteHandler] = [queues, call_next, late, skip, recall, prioritise, transfer]
