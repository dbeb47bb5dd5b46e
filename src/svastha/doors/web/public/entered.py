"""What a browser keeps once somebody is in, or on her way: session, device, and the second step."""

from typing import Any

from litestar import Response

from svastha.domain import accounts
from svastha.domain.accounts import SecondFactorRequired, SignedIn, Visitor
from svastha.doors import federated, visit
from svastha.doors.sign_in import DEVICE
from svastha.doors.visit import COOKIE, Asked
from svastha.doors.web.render import go, home_of, safe_next

WEEK, YEAR, HOUR = 7 * 24 * 3600, 365 * 24 * 3600, 3600
LONGEST = 3900  # bytes: a browser takes 4096 of a cookie with its name
CHALLENGE = "__Host-challenge"


async def entered(request: Asked, signed: SignedIn, visitor: Visitor, next: str) -> Response[Any]:
    """She is in: a session of her own, which replaces the one this browser had, the device known again, and on to where
    she wanted to go.

    Whoever's work needs a second factor and has none is led to where it is set up.
    """
    async with visit.house_of(request).routing.reading_control() as reading:
        actor = await accounts.actor_of(reading, signed.access_token, kind="browser")
    assert actor
    answer = go(request, "/security/enrol" if actor.withheld else safe_next(next, home_of(actor)))
    keep(answer, COOKIE, signed.access_token, WEEK)
    keep(answer, DEVICE, visitor.device, YEAR)
    for name in (CHALLENGE, *(f"__Host-{name}" for name in ("next", "confirming", "sign_up"))):
        if name in request.cookies:
            keep(answer, name, "", 0)
    before = await visit.asker(request)
    if before:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.sign_out(tx, before)
    return answer


def second_step(request: Asked, more: SecondFactorRequired, next: str) -> Response[Any]:
    """The first factor is shown: on to the second."""
    answer = go(request, "/sign-in/second-factor")
    keep(answer, CHALLENGE, more.details["challenge"], 600)
    remember(request, answer, next=safe_next(next, ""))
    return answer


def keep(answer: Response[Any], name: str, value: str, seconds: int) -> None:
    answer.set_cookie(name, value, max_age=seconds, secure=True, httponly=True, samesite="lax", path="/")


def remember(request: Asked, answer: Response[Any], **what: str) -> None:
    """What she typed or where she wanted to go, for the next page, sealed: none belongs into an address line, nor where
    the next one at this computer could read it. What is too long for a cookie is forgotten."""
    for name, value in what.items():
        sealed = federated.kept(visit.house_of(request), f"__Host-{name}", value, HOUR)
        if value and len(sealed) <= LONGEST:
            keep(answer, f"__Host-{name}", sealed, HOUR)


def remembered(request: Asked, name: str) -> str:
    """What the page before asked to remember, or nothing."""
    name = f"__Host-{name}"
    return federated.found(visit.house_of(request), name, request.cookies.get(name, ""), str) or ""
