"""One sign-on for the platform and for every clinic's own host, though no cookie is shared between them.

A clinic's host that needs to know its visitor sends her to the platform's, which knows her or asks her to sign in, and
sends her back with a token that is good once, for a minute, and only in the browser that was sent.
"""

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from svastha.domain import accounts
from svastha.doors import visit
from svastha.doors.address import address_of
from svastha.doors.visit import Asked
from svastha.doors.web.hosts import base_host
from svastha.doors.web.render import safe_next
from svastha.kit.crypto import digest
from svastha.kit.refusals import NotFound

ASKED = "__Host-asked"


def elsewhere(request: Asked, next: str) -> Response[Any] | None:
    """At a clinic's own host: to the platform's, to be told who she is. None at the platform's own."""
    clinic = clinic_host(request)
    if clinic is None:
        return None
    asked = request.cookies.get(ASKED) or secrets.token_urlsafe(24)
    query = urlencode({"clinic": clinic, "asked": digest(asked).hex(), "next": next})
    answer = Redirect(f"{visit.house_of(request).settings.url}/hand-over?{query}", status_code=303)
    answer.set_cookie(ASKED, asked, max_age=600, secure=True, httponly=True, samesite="lax", path="/")
    return answer


def clinic_host(request: Asked) -> str | None:
    """The clinic whose own host this is."""
    host = (request.headers.get("host") or "").lower().partition(":")[0]
    base = base_host(visit.house_of(request).settings.url)
    slug = host.removesuffix(f".{base}")
    return slug if slug != host and "." not in slug else None


@get("/hand-over", needs="self")
async def hand_over(request: Asked, clinic: FromQuery[str], asked: FromQuery[str], next: FromQuery[str] = "/") -> Any:
    """On the platform's host."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    if clinic_host(request) is not None:
        raise NotFound
    place, _ = await house.routing.find(clinic)
    host = f"{place.slug}.{base_host(house.settings.url)}"
    async with visit.to_control(house) as tx:
        token = await accounts.hand_over(tx, actor, host=host, asked=asked)
    site = urlsplit(house.settings.url)
    port = f":{site.port}" if site.port else ""
    query = urlencode({"next": safe_next(next, "/")})
    return Redirect(f"{site.scheme}://{host}{port}/hand-over/{token}?{query}", status_code=303)


@get("/hand-over/{token:str}", needs="public")
async def take_over(request: Asked, token: FromPath[str], next: FromQuery[str] = "/") -> Response[Any]:
    """On the clinic's host."""
    clinic = clinic_host(request)
    if clinic is None:
        raise NotFound
    house, target = visit.house_of(request), safe_next(next, "/")
    asked = request.cookies.get(ASKED, "")
    async with visit.to_control(house) as tx:
        signed = await accounts.take_over(
            tx,
            token,
            host=f"{clinic}.{base_host(house.settings.url)}",
            asked=digest(asked).hex() if asked else "",
            user_agent=request.headers.get("user-agent", ""),
            address=address_of(request),
        )
    answer = Redirect(target, status_code=303)
    answer.set_cookie(
        visit.COOKIE,
        signed.access_token,
        max_age=signed.expires_in,
        secure=True,
        httponly=True,
        samesite="lax",
        path="/",
    )
    answer.set_cookie(ASKED, "", max_age=0, secure=True, httponly=True, samesite="lax", path="/")
    return answer


routes = [hand_over, take_over]
