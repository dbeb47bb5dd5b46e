"""A passkey wherever somebody shows who she is: instead of typing, as second factor, and before what matters."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from svastha.domain import factors
from svastha.domain.factors import Options
from svastha.doors import visit
from svastha.doors.second_factors import (
    ask_passkey_again,
    ask_second_passkey,
    second_factor_with_passkey,
    sign_in_with_passkey,
    site_of,
    step_up_with_passkey,
)
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import COOKIE, Asked
from svastha.doors.web.in_place import in_place
from svastha.doors.web.public.entered import CHALLENGE, WEEK, entered, keep, remembered
from svastha.doors.web.render import go, safe_next
from svastha.kit.refusals import Refusal


class Shown(msgspec.Struct, frozen=True):
    """What the script brings back from the device."""

    ceremony: UUID
    credential: dict[str, Any]
    next: str = ""


@post("/sign-in/passkey/begin", needs="public", status_code=200, exception_handlers={Refusal: in_place})
async def begin(request: Asked) -> Options:
    async with visit.to_control(visit.house_of(request)) as tx:
        return await factors.begin_assertion(tx, None, site_of(request))


@post("/sign-in/passkey/finish", needs="public", status_code=200, exception_handlers={Refusal: in_place})
async def finish(request: Asked, data: JSONBody[Shown]) -> Response[Any]:
    visitor = visitor_of(request, kind="browser")
    signed = await sign_in_with_passkey(request, visitor, data.ceremony, data.credential, kind="browser")
    return await entered(request, signed, visitor, data.next)


@post("/sign-in/second-factor/passkey/begin", needs="public", status_code=200, exception_handlers={Refusal: in_place})
async def begin_second(request: Asked) -> Options:
    return await ask_second_passkey(request, request.cookies.get(CHALLENGE, ""), kind="browser")


@post("/sign-in/second-factor/passkey/finish", needs="public", status_code=200, exception_handlers={Refusal: in_place})
async def finish_second(request: Asked, data: JSONBody[Shown]) -> Response[Any]:
    visitor, challenge = visitor_of(request, kind="browser"), request.cookies.get(CHALLENGE, "")
    signed = await second_factor_with_passkey(
        request, visitor, challenge, data.ceremony, data.credential, kind="browser"
    )
    return await entered(request, signed, visitor, remembered(request, "next"))


@post("/step-up/passkey/begin", needs="self", status_code=200, exception_handlers={Refusal: in_place})
async def begin_again(request: Asked) -> Options:
    return await ask_passkey_again(request)


@post("/step-up/passkey/finish", needs="self", status_code=200, exception_handlers={Refusal: in_place})
async def finish_again(request: Asked, data: JSONBody[Shown]) -> Response[Any]:
    token = await step_up_with_passkey(request, data.ceremony, data.credential)
    answer = go(request, safe_next(data.next, "/"))
    keep(answer, COOKIE, token, WEEK)
    return answer


routes = [begin, finish, begin_second, finish_second, begin_again, finish_again]
