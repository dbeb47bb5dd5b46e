"""How one's account is kept safe: what proves that it is her, where she is signed in, what happened lately."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import segno
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from svastha.domain import accounts, factors
from svastha.domain.factors import Factors
from svastha.doors import visit
from svastha.doors.second_factors import changing, drift_of, raised
from svastha.doors.visit import COOKIE, Asked
from svastha.doors.web.public.entered import WEEK, keep
from svastha.doors.web.public.federated import identities_for
from svastha.doors.web.render import go, home_of, page, safe_next, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

TOTP_ADDED = say("totp_added", N_("Your authenticator app is set up."))
TOTP_REMOVED = say("totp_removed", N_("Your authenticator app is no longer asked for."))
SESSION_ENDED = say("session_ended", N_("That device is signed out."))
OTHERS_ENDED = say("others_ended", N_("All your other devices are signed out."))


class TotpForm(msgspec.Struct, frozen=True):
    code: str = ""
    next: str = ""


class Next(msgspec.Struct, frozen=True):
    next: str = ""


@get("/security", needs="self")
async def security(request: Asked) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        found: dict[str, Any] = {
            "factors": await factors.factors_of(tx, actor.account_id),
            "needed": await accounts.needs_second_factor(tx, actor.account_id),
            "sessions": await accounts.sessions_of(tx, actor),
            "recent": await accounts.recent_sign_ins(tx, actor),
        }
    return await page(request, "patient/security.html", **found, **await identities_for(request))


@get("/security/enrol", needs="self")
async def enrol(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    """Where somebody's work begins that needs a second proof. Whoever has one is asked for it instead."""
    actor = await visit.actor_of(request)
    whole = msgspec.structs.replace(actor, grants=actor.grants + actor.withheld)  # as she will be
    target = safe_next(next, home_of(whole))
    if actor.second_factor:
        return Redirect(target, status_code=303)
    async with visit.house_of(request).routing.reading_control() as tx:
        found = await factors.factors_of(tx, actor.account_id)
    if found.any:
        return Redirect(with_next("/step-up", target), status_code=303)
    return await page(request, "patient/security_enrol.html", next=target)


@get("/security/totp", needs="self", fresh=True)
async def totp_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    return await _totp(request, TotpForm(next=next))


@post("/security/totp", needs="self", fresh=True)
async def add_totp(request: Asked, data: URLEncodedBody[TotpForm]) -> Response[Any]:
    try:
        async with changing(request) as (tx, actor, had):
            await factors.confirm_totp(tx, actor.account_id, data.code, drift=drift_of(visit.house_of(request)))
            token = await raised(tx, actor)
    except (factors.WrongFactorCode, factors.TooManyCodes) as refusal:
        return await _totp(request, data, refusal)
    return kept(go(request, after_adding(had, data.next), flash=TOTP_ADDED), token)


async def _totp(request: Asked, form: TotpForm, refusal: Refusal | None = None) -> Response[Any]:
    async with changing(request) as (tx, actor, had):
        begun = None
        if not had.totp:
            begun = await factors.begin_totp(tx, actor.account_id, actor.email or actor.phone)
    return await page(
        request,
        "patient/security_totp.html",
        refusal=refusal,
        form=form,
        begun=begun,
        key=[begun.setup_key[at : at + 4] for at in range(0, len(begun.setup_key), 4)] if begun else [],
        qr=segno.make(begun.uri, error="m").svg_inline(dark="#000", light="#fff", omitsize=True) if begun else "",
    )


@post("/security/totp/remove", needs="self", fresh=True)
async def remove_totp(request: Asked) -> Response[Any]:
    async with changing(request) as (tx, actor, _):
        needed = await accounts.needs_second_factor(tx, actor.account_id)
        await factors.remove_totp(tx, actor.account_id, keep_one=needed)
    return go(request, "/security", flash=TOTP_REMOVED)


@get("/security/recovery-codes", needs="self", fresh=True)
async def codes_page(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    async with changing(request) as (_, _actor, had):
        pass
    return await page(
        request, "patient/security_codes.html", codes=[], left=had.recovery_left, next=safe_next(next, "/security")
    )


@post("/security/recovery-codes", needs="self", fresh=True)
async def renew_codes(request: Asked, data: URLEncodedBody[Next]) -> Response[Any]:
    """The only time they are shown: the page is kept nowhere."""
    async with changing(request) as (tx, actor, _):
        codes = await factors.renew_recovery_codes(tx, actor.account_id)
    return await page(
        request, "patient/security_codes.html", codes=codes, left=len(codes), next=safe_next(data.next, "/security")
    )


@post("/security/sessions/{session_id:uuid}/end", needs="self")
async def end_session(request: Asked, session_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.end_session(tx, actor, session_id)
    return go(request, "/security", flash=SESSION_ENDED)


@post("/security/sessions/end-others", needs="self")
async def end_others(request: Asked) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.end_others(tx, actor)
    return go(request, "/security", flash=OTHERS_ENDED)


def kept(answer: Response[Any], token: str | None) -> Response[Any]:
    """With the session's next token, if it has one."""
    if token:
        keep(answer, COOKIE, token, WEEK)
    return answer


def after_adding(had: Factors, next: str) -> str:
    """The first factor is followed by codes for the day it is lost."""
    target = safe_next(next, "/security")
    return target if had.recovery_left else with_next("/security/recovery-codes", target)


def with_next(path: str, target: str) -> str:
    return f"{path}?{urlencode({'next': target})}"


routes = [
    security,
    enrol,
    totp_page,
    add_totp,
    remove_totp,
    codes_page,
    renew_codes,
    end_session,
    end_others,
]
