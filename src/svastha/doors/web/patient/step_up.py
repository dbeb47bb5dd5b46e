"""Showing once more who one is, before something that matters."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, URLEncodedBody

from svastha.domain import accounts
from svastha.doors import sign_in as passed
from svastha.doors import visit
from svastha.doors.second_factors import drift_of
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import COOKIE, Asked
from svastha.doors.web.public.entered import WEEK, keep
from svastha.doors.web.render import go, page, safe_next
from svastha.kit.refusals import Refusal


class StepUp(msgspec.Struct, frozen=True):
    password: str = ""
    code: str = ""
    next: str = ""


@get("/step-up", needs="self")
async def step_up_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    return await page(request, "patient/step_up.html", form=StepUp(next=safe_next(next, "/")), **await _known(request))


async def _known(request: Asked, *, sent: bool = False) -> dict[str, Any]:
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        ways = await accounts.ways_to_step_up(tx, actor)
    return {"ways": ["code"] if sent and "code" in ways else ways, "known_as": actor.email or actor.phone}


@post("/step-up", needs="self")
async def step_up(request: Asked, data: URLEncodedBody[StepUp]) -> Response[Any]:
    house, actor, visitor = visit.house_of(request), await visit.actor_of(request), visitor_of(request, kind="browser")
    try:
        if data.code:
            async with visit.to_control(house) as tx:
                token = await accounts.step_up_with_any_code(tx, actor, data.code, visitor, drift=drift_of(house))
        else:
            proof = await passed.prove_again(house, actor, visitor, data.password)
            async with visit.to_control(house) as tx:
                token = await accounts.step_up_with_password(tx, actor, proof)
    except Refusal as refusal:
        return await page(
            request, "patient/step_up.html", refusal=refusal, form=data, **await _known(request, sent=bool(data.code))
        )
    answer = go(request, safe_next(data.next, "/"))
    keep(answer, COOKIE, token, WEEK)
    return answer


@post("/step-up/code", needs="self")
async def send_code(request: Asked, data: URLEncodedBody[StepUp]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.ask_step_up_code(tx, actor, visitor_of(request, kind="browser"))
    except Refusal as refusal:
        return await page(request, "patient/step_up.html", refusal=refusal, form=data, **await _known(request))
    return await page(request, "patient/step_up.html", form=data, **await _known(request, sent=True))


routes = [step_up_page, step_up, send_code]
