"""Sign in with Google, or whoever else is trusted to vouch for people; and which of them one has connected.

To the provider, and back to ``…/back`` with a code. What comes back counts only in the browser that went: state, nonce
and the secret of PKCE are in its sealed cookie. Nothing but a form on our own page connects an account.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from svastha.domain import accounts
from svastha.domain.accounts import Actor, SecondFactorRequired, SignInFirst, Vouched
from svastha.doors import federated, visit
from svastha.doors.federated import Waiting, Way, provider_of
from svastha.doors.second_factors import changing
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked, House
from svastha.doors.web.public.entered import entered, second_step
from svastha.doors.web.render import go, page, safe_next, say, zone_of
from svastha.kit.i18n import N_
from svastha.kit.refusals import BadRequest, NotFound, Refusal

WAY, RETURNED, WAITING = "__Host-way", "__Host-returned", "__Host-waiting"
THERE_AND_BACK, TO_SIGN_IN = 600, 1800  # seconds
MINE = "/security/identities"
CONNECTED = say("identity_connected", N_("Connected. From now on you can sign in with it."))
DISCONNECTED = say("identity_disconnected", N_("Disconnected. It no longer signs you in."))
SIGN_IN_FIRST = say(
    "sign_in_first", N_("There is an account with your e-mail address already. Sign in to it, then you can connect it.")
)


class LostWay(BadRequest):
    code = "sign_in_lost"
    says = N_("This sign-in was begun in another browser, or too long ago. Please begin again.")


class Posted(msgspec.Struct, frozen=True):
    """What a provider sends with ``response_mode=form_post``. ``user`` is Apple's JSON, with a name in it."""

    state: str = ""
    code: str = ""
    iss: str = ""
    error: str = ""
    user: str = ""


class _Name(msgspec.Struct, frozen=True):
    first: str = msgspec.field(default="", name="firstName")
    last: str = msgspec.field(default="", name="lastName")


class _User(msgspec.Struct, frozen=True):
    name: _Name = _Name()


@get("/sign-in/with/{provider:str}", needs="public")
async def set_out(
    request: Asked, provider: FromPath[str], next: FromQuery[str] = "", moved: FromQuery[str] = ""
) -> Response[Any]:
    """On the host that the provider sends people back to: another host's cookie would not be there. A link on somebody
    else's page leads to ours first: a provider that asks nothing would sign her in without her wish."""
    house = visit.house_of(request)
    provider_of(house, provider)
    if request.headers.get("sec-fetch-site") == "cross-site":
        return Redirect(f"/sign-in?{urlencode({'next': safe_next(next, '')})}", status_code=303)
    if not moved and request.headers.get("host", "") != urlsplit(house.settings.url).netloc:
        again = urlencode({"next": safe_next(next, ""), "moved": "1"})
        return Redirect(f"{house.settings.url}/sign-in/with/{provider}?{again}", status_code=303)
    return await _out(request, provider, safe_next(next, ""), None)


@get("/security/identities/with/{provider:str}", needs="self", fresh=True)
async def set_out_to_connect(request: Asked, provider: FromPath[str]) -> Response[Any]:
    actor = await visit.actor_of(request)
    return await _out(request, provider, MINE, actor)


async def _out(request: Asked, name: str, next: str, actor: Actor | None) -> Response[Any]:
    house = visit.house_of(request)
    provider = provider_of(house, name)
    try:
        begun = await provider.begin(back=_back(house, name))
    except Refusal as refusal:
        return await _failed(request, name, refusal, next)
    way = Way(name, msgspec.structs.replace(begun, address=""), next, actor.account_id if actor else None)
    answer = Redirect(begun.address, status_code=303)
    _keep(house, answer, WAY, way, THERE_AND_BACK)
    return answer


@post("/sign-in/with/{provider:str}/back", needs="public", from_elsewhere=True)
async def posted_back(request: Asked, provider: FromPath[str], data: URLEncodedBody[Posted]) -> Response[Any]:
    """The one form taken from elsewhere. It does nothing but ask again by GET: only then do our cookies come along."""
    house = visit.house_of(request)
    provider_of(house, provider)
    answer = Redirect(f"/sign-in/with/{provider}/back", status_code=303)
    returned = {name: value[:1500] for name, value in msgspec.structs.asdict(data).items() if value and name != "user"}
    _keep(house, answer, RETURNED, returned | {"name": _name_in(data.user)}, 120)
    return answer


def _name_in(user: str) -> str:
    try:
        name = msgspec.json.decode(user, type=_User).name
    except (msgspec.DecodeError, RecursionError):
        return ""
    return f"{name.first} {name.last}".strip()[:120]


@get("/sign-in/with/{provider:str}/back", needs="public")
async def come_back(request: Asked, provider: FromPath[str]) -> Response[Any]:
    house = visit.house_of(request)
    asked = provider_of(house, provider)
    way = _kept(request, WAY, Way)
    returned = dict(request.query_params.items()) or _kept(request, RETURNED, dict[str, str]) or {}
    if way is None or way.provider != provider:
        answer = await _failed(request, provider, LostWay(), "")
    else:
        try:
            vouched = await asked.finish(way.begun, back=_back(house, provider), returned=returned)
            if way.account_id:
                answer = _wait(request, Waiting(vouched, way.account_id, way.next), f"/sign-in/with/{provider}/connect")
            else:
                answer = await _signed_in(request, vouched, way.next)
        except Refusal as refusal:
            answer = await _failed(request, provider, refusal, way.next)
    for name in (WAY, RETURNED):
        _drop(answer, name)
    return answer


async def _signed_in(request: Asked, vouched: Vouched, next: str) -> Response[Any]:
    try:
        signed = await federated.sign_in(request, vouched, kind="browser", zone=str(zone_of(request, None)))
    except SecondFactorRequired as more:
        return second_step(request, more, next)
    except SignInFirst as first:
        to = f"/sign-in?{urlencode({'next': f'/sign-in/with/{vouched.provider}/connect'})}"
        return _wait(request, Waiting(vouched, first.account_id, next), to, flash=SIGN_IN_FIRST)
    return await entered(request, signed, visitor_of(request, kind="browser"), next)


def _wait(request: Asked, waiting: Waiting, path: str, *, flash: str | None = None) -> Response[Any]:
    answer = go(request, path, flash=flash)
    _keep(visit.house_of(request), answer, WAITING, waiting, TO_SIGN_IN)
    return answer


@get("/sign-in/with/{provider:str}/connect", needs="self")
async def ask_to_connect(request: Asked, provider: FromPath[str]) -> Response[Any]:
    """Is this yours? Shown to the account alone whose owner began."""
    waiting = await _waiting(request, provider)
    return await page(
        request,
        "public/federated_connect.html",
        provider=provider_of(visit.house_of(request), provider),
        email=waiting.vouched.email,
        later=safe_next(waiting.next, "/home"),
    )


@post("/sign-in/with/{provider:str}/connect", needs="self", fresh=True)
async def connect(request: Asked, provider: FromPath[str]) -> Response[Any]:
    waiting = await _waiting(request, provider)
    async with changing(request) as (tx, actor, _):
        await accounts.connect(tx, actor.account_id, waiting.vouched)
    answer = go(request, safe_next(waiting.next, MINE), flash=CONNECTED)
    _drop(answer, WAITING)
    return answer


async def _waiting(request: Asked, provider: str) -> Waiting:
    actor = await visit.actor_of(request)
    waiting: Waiting | None = _kept(request, WAITING, Waiting)
    provider_of(visit.house_of(request), provider)
    if waiting is None or waiting.vouched.provider != provider or waiting.account_id != actor.account_id:
        raise LostWay
    return waiting


@get("/security/identities", needs="self")
async def identities_page(request: Asked) -> Response[Any]:
    return await page(request, "patient/identities_page.html", **await identities_for(request))


async def identities_for(request: Asked) -> dict[str, Any]:
    """What ``patient/identities.html`` needs, for any page that includes it."""
    actor, house = await visit.actor_of(request), visit.house_of(request)
    async with house.routing.reading_control() as tx:
        found = await accounts.identities_of(tx, actor.account_id)
    labels = {one.name: one.label for one in federated.offered(house)}
    return {"identities": found, "labels": labels, "providers": federated.offered(house)}


@get("/security/identities/{identity_id:uuid}", needs="self", fresh=True)
async def ask_to_disconnect(request: Asked, identity_id: FromPath[UUID]) -> Response[Any]:
    return await _disconnecting(request, identity_id, None)


@post("/security/identities/{identity_id:uuid}", needs="self", fresh=True)
async def disconnect(request: Asked, identity_id: FromPath[UUID]) -> Response[Any]:
    try:
        async with changing(request) as (tx, actor, _):
            await accounts.disconnect(tx, actor.account_id, identity_id)
    except accounts.LastWayIn as last:
        return await _disconnecting(request, identity_id, last)
    return go(request, MINE, flash=DISCONNECTED)


async def _disconnecting(request: Asked, identity_id: UUID, refusal: Refusal | None) -> Response[Any]:
    content = await identities_for(request)
    one = next((one for one in content["identities"] if one.id == identity_id), None)
    if one is None:
        raise NotFound
    label = content["labels"].get(one.provider, one.provider)
    return await page(request, "patient/identity.html", refusal=refusal, one=one, label=label)


async def _failed(request: Asked, provider: str, refusal: Refusal, next: str) -> Response[Any]:
    ways = f"?{urlencode({'next': next})}" if next else ""
    otherwise = MINE if next == MINE else f"/sign-in{ways}"
    return await page(
        request,
        "public/federated_failed.html",
        refusal=refusal,
        again=f"{MINE}/with/{provider}" if next == MINE else f"/sign-in/with/{provider}{ways}",
        otherwise=otherwise,
        path_for_lang=lambda lang: f"/language/{lang}?{urlencode({'next': otherwise})}",  # not back here, with a code
    )


def _back(house: House, provider: str) -> str:
    return f"{house.settings.url}/sign-in/with/{provider}/back"


def _keep(house: House, answer: Response[Any], name: str, what: object, seconds: int) -> None:
    value = federated.kept(house, name, what, seconds)
    answer.set_cookie(name, value, max_age=seconds, secure=True, httponly=True, samesite="lax", path="/")


def _drop(answer: Response[Any], name: str) -> None:
    answer.set_cookie(name, "", max_age=0, secure=True, httponly=True, samesite="lax", path="/")


def _kept(request: Asked, name: str, kind: Any) -> Any:
    return federated.found(visit.house_of(request), name, request.cookies.get(name, ""), kind)


routes = [
    set_out,
    come_back,
    ask_to_connect,
    connect,
    identities_page,
    set_out_to_connect,
    ask_to_disconnect,
    disconnect,
    posted_back,
]
