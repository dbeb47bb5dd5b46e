"""Sign in by password, code or link, and the second step; sign out."""

import secrets
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from svastha.domain import accounts
from svastha.doors import federated, visit
from svastha.doors import sign_in as passed
from svastha.doors.second_factors import drift_of
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import COOKIE, Asked
from svastha.doors.web.public.entered import (
    CHALLENGE,
    HOUR,
    entered,
    keep,
    remember,
    remembered,
    second_step,
)
from svastha.doors.web.public.hand_over import elsewhere
from svastha.doors.web.public.sign_up import to_confirm
from svastha.doors.web.render import go, page, safe_next, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

LINK = "__Host-link"
SIGNED_OUT = say("signed_out", N_("You are signed out."))
CODE_SENT = say("code_sent", N_("If this address has an account, a code is on its way."))


class SignIn(msgspec.Struct, frozen=True):
    contact: str = ""
    password: str = ""
    next: str = ""


class Code(msgspec.Struct, frozen=True):
    contact: str = ""
    code: str = ""
    all_at_once: str = ""


@get("/sign-in", needs="public")
async def sign_in_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    there = elsewhere(request, next)
    if there:
        return there
    form = SignIn(contact=remembered(request, "confirming"), next=next or remembered(request, "next"))
    return await page(request, "public/sign_in.html", form=form, **_ways(request))


def _ways(request: Asked) -> dict[str, Any]:
    return {"providers": federated.offered(visit.house_of(request))}


@post("/sign-in", needs="public")
async def sign_in(request: Asked, data: URLEncodedBody[SignIn]) -> Response[Any]:
    house, visitor = visit.house_of(request), visitor_of(request, kind="browser")
    try:
        signed = await passed.sign_in(house, visitor, contact=data.contact, password=data.password, kind="browser")
    except accounts.EmailUnverified as unverified:
        return to_confirm(request, data.contact, data.next, unverified.sign_up_id)
    except accounts.SecondFactorRequired as more:
        return second_step(request, more, data.next)
    except Refusal as refusal:
        return await page(request, "public/sign_in.html", refusal=refusal, form=data, **_ways(request))
    return await entered(request, signed, visitor, data.next)


@post("/sign-in/code/send", needs="public")
async def send_code(request: Asked, data: URLEncodedBody[SignIn]) -> Response[Any]:
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.ask_code(tx, data.contact, visitor_of(request, kind="browser"))
    except Refusal as refusal:
        return await page(request, "public/sign_in.html", refusal=refusal, form=data, **_ways(request))
    answer = go(request, "/sign-in/code")
    remember(request, answer, confirming=data.contact.strip(), next=safe_next(data.next, ""))
    return answer


@get("/sign-in/code", needs="public")
async def code_page(request: Asked) -> Response[Any]:
    return await page(request, "public/sign_in_code.html", form=Code(contact=remembered(request, "confirming")))


@post("/sign-in/code", needs="public")
async def sign_in_by_code(request: Asked, data: URLEncodedBody[Code]) -> Response[Any]:
    house, visitor, next = visit.house_of(request), visitor_of(request, kind="browser"), remembered(request, "next")
    try:
        async with visit.to_control(house) as tx:
            signed = await accounts.sign_in_by_code(tx, data.contact, data.code, visitor, kind="browser")
    except accounts.SecondFactorRequired as more:
        return second_step(request, more, next)
    except Refusal as refusal:
        return await page(request, "public/sign_in_code.html", refusal=refusal, form=data)
    return await entered(request, signed, visitor, next)


@post("/sign-in/code/again", needs="public")
async def another_code(request: Asked, data: URLEncodedBody[Code]) -> Response[Any]:
    """By whatever channel she can be reached, at once if she asks for that."""
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.ask_code(
                tx, data.contact, visitor_of(request, kind="browser"), all_at_once=bool(data.all_at_once)
            )
    except Refusal as refusal:
        return await page(request, "public/sign_in_code.html", refusal=refusal, form=data)
    return go(request, "/sign-in/code", flash=CODE_SENT)


@post("/sign-in/link/send", needs="public")
async def send_link(request: Asked, data: URLEncodedBody[SignIn]) -> Response[Any]:
    browser = secrets.token_urlsafe(32)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.ask_link(tx, data.contact, visitor_of(request, kind="browser"), browser=browser)
    except Refusal as refusal:
        return await page(request, "public/sign_in.html", refusal=refusal, form=data, **_ways(request))
    answer = go(request, "/sign-in/link")
    keep(answer, LINK, browser, HOUR)
    remember(request, answer, confirming=data.contact.strip(), next=safe_next(data.next, ""))
    return answer


@get("/sign-in/link", needs="public")
async def link_sent(request: Asked) -> Response[Any]:
    return await page(request, "public/sign_in_link_sent.html", form=Code(contact=remembered(request, "confirming")))


@get("/sign-in/link/{token:str}", needs="public")
async def link_page(request: Asked, token: FromPath[str]) -> Response[Any]:
    """Only looks: programs that read mail open every link in it. The button uses it up."""
    async with visit.house_of(request).routing.reading_control() as tx:
        same = await accounts.link_is_of(tx, token, browser=request.cookies.get(LINK, ""))
    if same is None:
        return await page(request, "public/sign_in_link.html", refusal=accounts.LinkOver(), form=token, same=None)
    return await page(request, "public/sign_in_link.html", form=token, same=same)


@post("/sign-in/link/{token:str}", needs="public")
async def sign_in_by_link(request: Asked, token: FromPath[str]) -> Response[Any]:
    house, visitor, next = visit.house_of(request), visitor_of(request, kind="browser"), remembered(request, "next")
    try:
        async with visit.to_control(house) as tx:
            signed = await accounts.sign_in_by_link(tx, token, visitor, kind="browser")
    except accounts.SecondFactorRequired as more:
        return second_step(request, more, next)
    except Refusal as refusal:
        return await page(request, "public/sign_in_link.html", refusal=refusal, form=token, same=None)
    return await entered(request, signed, visitor, next)


@get("/sign-in/second-factor", needs="public")
async def second_page(request: Asked) -> Response[Any]:
    try:
        methods = await _methods(request)
    except accounts.ChallengeOver as over:
        return await page(request, "public/second_factor.html", refusal=over, form=Code(), methods=[])
    return await page(request, "public/second_factor.html", form=Code(), methods=methods)


async def _methods(request: Asked) -> list[str]:
    async with visit.house_of(request).routing.reading_control() as tx:
        who = await accounts.challenged(tx, request.cookies.get(CHALLENGE, ""), kind="browser", counts=False)
        return await accounts.second_steps(tx, who.account_id)


@post("/sign-in/second-factor", needs="public")
async def second_factor(request: Asked, data: URLEncodedBody[Code]) -> Response[Any]:
    house, visitor = visit.house_of(request), visitor_of(request, kind="browser")
    challenge = request.cookies.get(CHALLENGE, "")
    try:
        async with visit.to_control(house) as tx:
            signed = await accounts.sign_in_second(
                tx, challenge, data.code, visitor, kind="browser", drift=drift_of(house)
            )
    except Refusal as refusal:
        methods = [] if isinstance(refusal, accounts.ChallengeOver) else await _methods_or_none(request)
        return await page(request, "public/second_factor.html", refusal=refusal, form=data, methods=methods)
    return await entered(request, signed, visitor, remembered(request, "next"))


async def _methods_or_none(request: Asked) -> list[str]:
    try:
        return await _methods(request)
    except accounts.ChallengeOver:
        return []


@post("/sign-out", needs="public")
async def sign_out(request: Asked) -> Response[Any]:
    actor = await visit.asker(request)
    if actor:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.sign_out(tx, actor)
    answer = go(request, "/", flash=SIGNED_OUT)
    keep(answer, COOKIE, "", 0)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


routes = [
    sign_in_page,
    sign_in,
    code_page,
    send_code,
    sign_in_by_code,
    another_code,
    link_sent,
    send_link,
    link_page,
    sign_in_by_link,
    second_page,
    second_factor,
    sign_out,
]
