"""What waits for an answer: requests that somebody here has to answer, and patients who have to choose another time."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from msgspec import Meta

from svastha.domain import appointments
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, safe_next, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import NotFound, Refusal

CONFIRMED = say("request_confirmed", N_("Confirmed. The patient is told."))
DECLINED = say("request_declined", N_("Declined. The patient is told why."))
NOT_HERE = say("check_in_undone", N_("Not here after all. The visit stands as before."))


class Decline(msgspec.Struct, frozen=True):
    why: Annotated[str, Meta(max_length=500)] = ""
    next: str = ""


class Next(msgspec.Struct, frozen=True):
    next: str = ""


@get("/c/{clinic:str}/requests", needs="visit.answer")
async def waiting(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    return await _page(request, clinic)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/confirm", needs="visit.answer")
async def confirm(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Next]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await appointments.confirm(tx, actor, visit_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, at=visit_id, refusal=refusal)
    return go(request, safe_next(data.next, f"/c/{clinic}/requests"), flash=CONFIRMED)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/decline", needs="visit.answer")
async def decline(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Decline]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await appointments.decline(tx, actor, visit_id, why=" ".join(data.why.split()))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, at=visit_id, why=data.why, refusal=refusal)
    return go(request, safe_next(data.next, f"/c/{clinic}/requests"), flash=DECLINED)


@post("/c/{clinic:str}/visits/{visit_id:uuid}/undo-check-in", needs="visit.answer")
async def undo_check_in(
    request: Asked, clinic: FromPath[str], visit_id: FromPath[UUID], data: URLEncodedBody[Next]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await appointments.undo_check_in(tx, actor, visit_id)
    return go(request, safe_next(data.next, f"/c/{clinic}/visits/{visit_id}"), flash=NOT_HERE)


async def _page(
    request: Asked, clinic: str, *, at: UUID | None = None, why: str = "", refusal: Refusal | None = None
) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        asked = await appointments.requests(tx, actor)
        displaced = await appointments.unanswered(tx, actor)
    return await page(
        request,
        "desk/answers.html",
        refusal=refusal,
        workplace=await visit.clinic_of(request, clinic),
        requests=asked,
        displaced=displaced,
        at=at,
        why=why,
    )


routes: list[HTTPRouteHandler] = [waiting, confirm, decline, undo_check_in]
