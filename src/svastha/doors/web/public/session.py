"""Sign up, confirm, sign in, sign out."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from svastha.domain import accounts
from svastha.doors import sign_in as passed
from svastha.doors import visit
from svastha.doors.refused import language_of, problem_of
from svastha.doors.visit import COOKIE, Asked
from svastha.doors.web.render import go, home_of, page, safe_next, say, zone_of
from svastha.kit.i18n import LOCALES, N_
from svastha.kit.refusals import Refusal

WEEK = 7 * 24 * 3600
CONFIRMED = say("confirmed", N_("Your address is confirmed. You can sign in now."))
SIGNED_OUT = say("signed_out", N_("You are signed out."))


class SignUp(msgspec.Struct, frozen=True):
    name: str = ""
    email: str = ""
    password: str = ""
    next: str = ""


class Code(msgspec.Struct, frozen=True):
    email: str = ""
    code: str = ""
    next: str = ""


class SignIn(msgspec.Struct, frozen=True):
    email: str = ""
    password: str = ""
    next: str = ""


async def again(request: Asked, template: str, refusal: Refusal, form: Any) -> Response[Any]:
    """The same form, with what was typed (never the password) and what is wrong with it."""
    problem, _ = problem_of(refusal, request)
    errors = {error.field: error.message for error in problem.errors}
    return await page(request, template, status=problem.status, form=form, errors=errors, problem=problem)


async def blank(request: Asked, template: str, form: Any) -> Response[Any]:
    return await page(request, template, form=form, errors={}, problem=None)


@get("/sign-up")
async def sign_up_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    return await blank(request, "public/sign_up.html", SignUp(next=next))


@post("/sign-up")
async def sign_up(request: Asked, data: URLEncodedBody[SignUp]) -> Response[Any]:
    try:
        wanted = await accounts.prepare_sign_up(
            email=data.email,
            password=data.password,
            name=data.name,
            locale=language_of(request),
            zone=str(zone_of(request, None)),
        )
        async with visit.to_control(visit.house_of(request)) as tx:
            id = await accounts.register(tx, wanted)
    except Refusal as refusal:
        return await again(request, "public/sign_up.html", refusal, data)
    return to_confirm(request, data.email, data.next, id)


def to_confirm(request: Asked, email: str, next: str, sign_up_id: UUID) -> Response[Any]:
    """The address, the sign-up and where she wanted to go wait in cookies: none belongs into an address line."""
    answer = go(request, "/confirm")
    waiting = {"confirming": email.strip(), "sign_up": str(sign_up_id), "next": safe_next(next, "/") if next else ""}
    for name, value in waiting.items():
        if value:  # quoted, for it may be in any script; read back unquoted
            answer.set_cookie(name, quote(value), max_age=3600, httponly=True, samesite="lax", path="/")
    return answer


def sign_up_of(request: Asked) -> UUID | None:
    """Which sign-up this browser made, so that it confirms no other's."""
    try:
        return UUID(request.cookies.get("sign_up", ""))
    except ValueError:
        return None


@get("/confirm")
async def confirm_page(request: Asked) -> Response[Any]:
    return await blank(request, "public/confirm.html", Code(email=request.cookies.get("confirming", "")))


@post("/confirm")
async def confirm(request: Asked, data: URLEncodedBody[Code]) -> Response[Any]:
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.verify_email(
                tx, email=data.email, code=data.code.replace(" ", ""), sign_up_id=sign_up_of(request)
            )
    except Refusal as refusal:
        return await again(request, "public/confirm.html", refusal, data)
    return go(request, "/sign-in", flash=CONFIRMED)


@post("/confirm/again")
async def another_code(request: Asked, data: URLEncodedBody[Code]) -> Response[Any]:
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.ask_again(tx, email=data.email, sign_up_id=sign_up_of(request))
    return go(request, "/confirm", flash=SENT_AGAIN)


SENT_AGAIN = say("sent_again", N_("If this address waits for a code, a new one is on its way."))


@get("/sign-in")
async def sign_in_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    form = SignIn(email=request.cookies.get("confirming", ""), next=next or request.cookies.get("next", ""))
    return await blank(request, "public/sign_in.html", form)


@post("/sign-in")
async def sign_in(request: Asked, data: URLEncodedBody[SignIn]) -> Response[Any]:
    house, agent = visit.house_of(request), request.headers.get("user-agent", "")
    try:
        signed = await passed.sign_in(house, email=data.email, password=data.password, kind="browser", user_agent=agent)
    except accounts.EmailUnverified as unverified:
        return to_confirm(request, data.email, data.next, unverified.sign_up_id)
    except Refusal as refusal:
        return await again(request, "public/sign_in.html", refusal, data)
    async with house.routing.reading_control() as reading:
        actor = await accounts.actor_of(reading, signed.access_token, kind="browser")
    assert actor
    answer = go(request, safe_next(data.next, home_of(actor)))
    answer.set_cookie(COOKIE, signed.access_token, max_age=WEEK, secure=True, httponly=True, samesite="lax", path="/")
    answer.delete_cookie("next", path="/")
    answer.delete_cookie("confirming", path="/")
    answer.delete_cookie("sign_up", path="/")
    return answer


@post("/sign-out")
async def sign_out(request: Asked) -> Response[Any]:
    actor = await visit.asker(request)
    if actor:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.sign_out(tx, actor)
    answer = go(request, "/", flash=SIGNED_OUT)
    answer.set_cookie(COOKIE, "", max_age=0, secure=True, httponly=True, samesite="lax", path="/")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@get("/language/{lang:str}")
async def language(request: Asked, lang: FromPath[str], next: FromQuery[str] = "/") -> Response[Any]:
    answer = go(request, safe_next(next, "/"))
    if lang in LOCALES:
        answer.set_cookie("lang", lang, max_age=365 * 24 * 3600, samesite="lax", path="/")
    return answer


routes = [
    sign_up_page,
    sign_up,
    confirm_page,
    confirm,
    another_code,
    sign_in_page,
    sign_in,
    sign_out,
    language,
]
