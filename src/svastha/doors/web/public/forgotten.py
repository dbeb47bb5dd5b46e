"""A forgotten password, and objecting to a change of address."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import accounts
from svastha.doors import visit
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked
from svastha.doors.web.public.entered import remember, remembered
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

CHANGED = say(
    "password_reset", N_("Your password is changed, and you are signed out everywhere. Sign in with the new one.")
)
UNDONE = say(
    "change_undone",
    N_("Your address is as it was, and you are signed out everywhere. Now choose a new password."),
)


class Forgotten(msgspec.Struct, frozen=True):
    contact: str = ""
    code: str = ""
    password: str = ""


@get("/forgotten", needs="public")
async def forgotten_page(request: Asked) -> Response[Any]:
    return await page(request, "public/forgotten.html", form=Forgotten(contact=remembered(request, "confirming")))


@post("/forgotten", needs="public")
async def forgotten(request: Asked, data: URLEncodedBody[Forgotten]) -> Response[Any]:
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.ask_code(tx, data.contact, visitor_of(request, kind="browser"), purpose="forgotten")
    except Refusal as refusal:
        return await page(request, "public/forgotten.html", refusal=refusal, form=data)
    answer = go(request, "/forgotten/code")
    remember(request, answer, confirming=data.contact.strip())
    return answer


@get("/forgotten/code", needs="public")
async def reset_page(request: Asked) -> Response[Any]:
    return await page(request, "public/forgotten_code.html", form=Forgotten(contact=remembered(request, "confirming")))


@post("/forgotten/code", needs="public")
async def reset(request: Asked, data: URLEncodedBody[Forgotten]) -> Response[Any]:
    try:
        hashed = await accounts.new_password(data.password, data.contact[:254])
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.reset_password(tx, data.contact, data.code, hashed, visitor_of(request, kind="browser"))
    except Refusal as refusal:
        return await page(request, "public/forgotten_code.html", refusal=refusal, form=data)
    return go(request, "/sign-in", flash=CHANGED)


@get("/security/undo/{token:str}", needs="public")
async def undo_page(request: Asked, token: FromPath[str]) -> Response[Any]:
    """Only looks: programs that read mail open every link in it."""
    async with visit.house_of(request).routing.reading_control() as tx:
        open = await accounts.may_object(tx, token)
    if not open:
        return await page(request, "public/undo.html", refusal=accounts.LinkOver(), form=None)
    return await page(request, "public/undo.html", form=token)


@post("/security/undo/{token:str}", needs="public")
async def undo(request: Asked, token: FromPath[str]) -> Response[Any]:
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.object_to(tx, token)
    except Refusal as refusal:
        return await page(request, "public/undo.html", refusal=refusal, form=None)
    return go(request, "/forgotten", flash=UNDONE)


routes = [forgotten_page, forgotten, reset_page, reset, undo_page, undo]
