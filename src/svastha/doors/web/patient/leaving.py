"""Taking one's own data along, and closing the account."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import accounts
from svastha.doors import visit
from svastha.doors.close_account import close_account
from svastha.doors.take_away import take_away
from svastha.doors.visit import COOKIE, Asked
from svastha.doors.web.render import go, page, say
from svastha.kit.crypto import signed
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

CLOSED = say("account_closed", N_("Your account is closed. We have sent you a link to open it again within two weeks."))
REOPENED = say("account_reopened", N_("Your account is open again. You can sign in."))
REOPEN = "reopen account"


class Sure(msgspec.Struct, frozen=True):
    sure: str = ""


@get("/security/export", needs="self", fresh=True)
async def export_page(request: Asked) -> Response[Any]:
    return await page(request, "patient/export.html")


@post("/security/export", needs="self", fresh=True, status_code=200)
async def export(request: Asked) -> Response[bytes]:
    return Response(
        await take_away(request),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="svastha.zip"'},
    )


@get("/security/close", needs="self", fresh=True)
async def close_page(request: Asked) -> Response[Any]:
    return await page(request, "patient/close.html")


@post("/security/close", needs="self", fresh=True)
async def close(request: Asked, data: URLEncodedBody[Sure]) -> Response[Any]:
    try:
        if data.sure != "yes":
            raise Invalid(FieldError("sure", N_("Please tick the box first.")))
        await close_account(request)
    except Refusal as refusal:
        return await page(request, "patient/close.html", refusal=refusal)
    answer = go(request, "/", flash=CLOSED)
    answer.set_cookie(COOKIE, "", max_age=0, secure=True, httponly=True, samesite="lax", path="/")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _found(request: Asked, token: str) -> tuple[UUID, datetime]:
    found = signed(visit.house_of(request).settings.secret, REOPEN, token, tuple[UUID, datetime])
    if found is None:
        raise NotFound
    return found


@get("/reopen/{token:str}", needs="public")
async def reopen_page(request: Asked, token: FromPath[str]) -> Response[Any]:
    _found(request, token)
    return await page(request, "patient/reopen.html")


@post("/reopen/{token:str}", needs="public")
async def reopen(request: Asked, token: FromPath[str]) -> Response[Any]:
    account_id, closed_at = _found(request, token)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.reopen(tx, account_id, closed_at)
    return go(request, "/sign-in", flash=REOPENED)


routes = [export_page, export, close_page, close, reopen_page, reopen]
