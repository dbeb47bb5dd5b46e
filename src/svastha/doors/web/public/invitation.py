"""Links that were sent to one person: an invitation to work at a clinic, and a lost second factor.

The secret stands in the address line once, until it has been put into a cookie; a link that is only looked at, as
programs that read mail do, changes nothing.
"""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import accounts
from svastha.domain.accounts import ROLES, Invited
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked
from svastha.doors.web.public.entered import CHALLENGE, HOUR, entered, keep
from svastha.doors.web.render import go, home_of, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

INVITATION, RESET = "__Host-invitation", "__Host-factor-reset"
LONGEST = 200
DECLINED = say("declined", N_("You have declined the invitation."))
WELCOME = say("welcome", N_("Welcome. Your new role counts from now on."))


class Join(msgspec.Struct, frozen=True):
    name: str = ""
    password: str = ""


class Accept(msgspec.Struct, frozen=True):
    with_this_account: str = ""


@get("/invitation/{secret:str}", needs="public")
async def open_invitation(request: Asked, secret: FromPath[str]) -> Response[Any]:
    return _kept(go(request, "/invitation"), INVITATION, secret)


def _kept(answer: Response[Any], name: str, secret: str) -> Response[Any]:
    if len(secret) <= LONGEST and secret.isascii():
        keep(answer, name, secret, HOUR)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@get("/invitation", needs="public")
async def invitation(request: Asked) -> Response[Any]:
    return await _invitation(request, Join())


async def _invitation(request: Asked, form: Join, refusal: Refusal | None = None) -> Response[Any]:
    actor = await visit.asker(request)
    found: Invited | None = None
    try:
        async with visit.house_of(request).routing.reading_control() as tx:
            found = await accounts.invited(tx, request.cookies.get(INVITATION, ""), actor)
    except accounts.InvitationOver as over:
        refusal = over
    return await page(
        request,
        "public/invitation.html",
        refusal=refusal,
        invited=found,
        roles=ROLES,
        form=form,
    )


@post("/invitation", needs="self")
async def accept(request: Asked, data: URLEncodedBody[Accept]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            secret = request.cookies.get(INVITATION, "")
            await accounts.accept(tx, actor, secret, with_this_account=bool(data.with_this_account))
    except Refusal as refusal:
        return await _invitation(request, Join(), refusal)
    async with visit.house_of(request).routing.reading_control() as tx:
        now = await accounts.still_there(tx, actor.account_id, actor.session_id)
    answer = go(request, "/security/enrol" if now and now.withheld else home_of(now or actor), flash=WELCOME)
    keep(answer, INVITATION, "", 0)
    return answer


@post("/invitation/decline", needs="public")
async def decline(request: Asked) -> Response[Any]:
    asker = await visit.asker(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.decline(tx, request.cookies.get(INVITATION, ""), asker)
    except Refusal as refusal:
        return await _invitation(request, Join(), refusal)
    answer = go(request, home_of(asker) if asker else "/", flash=DECLINED)
    keep(answer, INVITATION, "", 0)
    return answer


@post("/invitation/join", needs="public")
async def join(request: Asked, data: URLEncodedBody[Join]) -> Response[Any]:
    """A new account, with the address the link was sent to: having the link confirms it."""
    house, secret, visitor = (
        visit.house_of(request),
        request.cookies.get(INVITATION, ""),
        visitor_of(request, kind="browser"),
    )
    try:
        async with house.routing.reading_control() as reading:
            address = await accounts.invited_address(reading, secret)
        wanted = await accounts.prepare_sign_up(
            contact=address.value, password=data.password or None, name=data.name, locale=language_of(request)
        )
        async with visit.to_control(house) as tx:
            account_id = await accounts.join(tx, secret, wanted)
            signed = await accounts.sign_in_proven(tx, account_id, visitor, method="invitation", kind="browser")
    except Refusal as refusal:
        return await _invitation(request, data, refusal)
    answer = await entered(request, signed, visitor, "")
    keep(answer, INVITATION, "", 0)
    return answer


@get("/second-factor-lost/{secret:str}", needs="public")
async def open_reset(request: Asked, secret: FromPath[str]) -> Response[Any]:
    return _kept(go(request, "/second-factor-lost"), RESET, secret)


@get("/second-factor-lost", needs="public")
async def reset_page(request: Asked) -> Response[Any]:
    return await _reset(request)


async def _reset(request: Asked, refusal: Refusal | None = None) -> Response[Any]:
    return await page(
        request,
        "public/second_factor_lost.html",
        refusal=refusal,
        opened=RESET in request.cookies,
        begun=CHALLENGE in request.cookies,
    )


@post("/second-factor-lost", needs="public")
async def reset(request: Asked) -> Response[Any]:
    house, visitor = visit.house_of(request), visitor_of(request, kind="browser")
    try:
        async with visit.to_control(house) as tx:
            signed = await accounts.finish_factor_reset(
                tx, request.cookies.get(CHALLENGE, ""), request.cookies.get(RESET, ""), visitor, kind="browser"
            )
    except Refusal as refusal:
        return await _reset(request, refusal)
    answer = await entered(request, signed, visitor, "/security")
    keep(answer, RESET, "", 0)
    return answer


routes = [open_invitation, invitation, accept, decline, join, open_reset, reset_page, reset]
