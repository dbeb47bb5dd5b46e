"""Sign up, and confirm the address with the code that went there."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, URLEncodedBody

from svastha.domain import accounts
from svastha.doors import federated, visit
from svastha.doors.refused import language_of
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked
from svastha.doors.web.public.entered import entered, remember, remembered, second_step
from svastha.doors.web.render import go, page, safe_next, say, zone_of
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

CONFIRMED = say("confirmed", N_("Your address is confirmed. You can sign in now."))
SENT_AGAIN = say("sent_again", N_("If this address waits for a code, a new one is on its way."))


class SignUp(msgspec.Struct, frozen=True):
    name: str = ""
    contact: str = ""
    password: str = ""
    next: str = ""


class Code(msgspec.Struct, frozen=True):
    contact: str = ""
    code: str = ""


@get("/sign-up", needs="public")
async def sign_up_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    return await page(request, "public/sign_up.html", form=SignUp(next=next), **_ways(request))


def _ways(request: Asked) -> dict[str, Any]:
    return {"providers": federated.offered(visit.house_of(request))}


@post("/sign-up", needs="public")
async def sign_up(request: Asked, data: URLEncodedBody[SignUp]) -> Response[Any]:
    try:
        wanted = await accounts.prepare_sign_up(
            contact=data.contact,
            password=data.password or None,
            name=data.name,
            locale=language_of(request),
            zone=str(zone_of(request, None)),
        )
        async with visit.to_control(visit.house_of(request)) as tx:
            id = await accounts.register(tx, wanted, visitor_of(request, kind="browser"))
    except Refusal as refusal:
        return await page(request, "public/sign_up.html", refusal=refusal, form=data, **_ways(request))
    return to_confirm(request, data.contact, data.next, id)


def to_confirm(request: Asked, contact: str, next: str, sign_up_id: UUID) -> Response[Any]:
    answer = go(request, "/confirm")
    next = safe_next(next, "/") if next else ""
    remember(request, answer, confirming=contact.strip(), sign_up=str(sign_up_id), next=next)
    return answer


def sign_up_of(request: Asked) -> UUID | None:
    """Which sign-up this browser made, so that it confirms no other's."""
    try:
        return UUID(remembered(request, "sign_up"))
    except ValueError:
        return None


@get("/confirm", needs="public")
async def confirm_page(request: Asked) -> Response[Any]:
    return await page(request, "public/confirm.html", form=Code(contact=remembered(request, "confirming")))


@post("/confirm", needs="public")
async def confirm(request: Asked, data: URLEncodedBody[Code]) -> Response[Any]:
    """The browser that signed up is in at once: it has just shown a code."""
    visitor, sign_up_id = visitor_of(request, kind="browser"), sign_up_of(request)
    signed = None
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            account_id = await accounts.verify_contact(
                tx, contact=data.contact, code=data.code, visitor=visitor, sign_up_id=sign_up_id
            )
            if sign_up_id:
                signed = await accounts.sign_in_proven(tx, account_id, visitor, method="code", kind="browser")
    except accounts.SecondFactorRequired as more:
        return second_step(request, more, remembered(request, "next"))
    except Refusal as refusal:
        return await page(request, "public/confirm.html", refusal=refusal, form=data)
    if signed:
        return await entered(request, signed, visitor, remembered(request, "next"))
    return go(request, "/sign-in", flash=CONFIRMED)


@post("/confirm/again", needs="public")
async def another_code(request: Asked, data: URLEncodedBody[Code]) -> Response[Any]:
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.ask_again(
            tx, contact=data.contact, visitor=visitor_of(request, kind="browser"), sign_up_id=sign_up_of(request)
        )
    return go(request, "/confirm", flash=SENT_AGAIN)


routes = [sign_up_page, sign_up, confirm_page, confirm, another_code]
