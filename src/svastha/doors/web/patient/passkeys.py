"""One's own passkeys. Making one takes the browser's script; naming and removing does not."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody

from svastha.domain import accounts, factors
from svastha.domain.factors import Options
from svastha.doors.second_factors import changing, raised, site_of
from svastha.doors.visit import Asked
from svastha.doors.web.in_place import in_place
from svastha.doors.web.patient.security import after_adding, kept
from svastha.doors.web.render import go, page, safe_next, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Invalid, NotFound, Refusal

PASSKEY_ADDED = say("passkey_added", N_("Your passkey is set up. Next time you can sign in with it."))
PASSKEY_RENAMED = say("passkey_renamed", N_("Saved."))
PASSKEY_REMOVED = say("passkey_removed", N_("This passkey no longer opens your account."))


class Name(msgspec.Struct, frozen=True):
    name: str = ""


class Made(msgspec.Struct, frozen=True):
    """What the script brings back from the device."""

    ceremony: UUID
    credential: dict[str, Any]
    name: str = ""
    next: str = ""


@get("/security/passkeys/new", needs="self", fresh=True)
async def new_passkey(request: Asked, next: FromQuery[str] = "") -> Response[Any]:
    async with changing(request) as (_, _actor, had):
        pass
    return await page(request, "patient/passkey_new.html", next=safe_next(next, "/security"), first=not had.any)


@post("/security/passkeys/begin", needs="self", fresh=True, status_code=200, exception_handlers={Refusal: in_place})
async def begin_passkey(request: Asked) -> Options:
    async with changing(request) as (tx, actor, _):
        return await factors.begin_registration(
            tx, actor.account_id, site_of(request), label=actor.email or actor.phone, name=actor.name
        )


@post("/security/passkeys/finish", needs="self", fresh=True, status_code=200, exception_handlers={Refusal: in_place})
async def finish_passkey(request: Asked, data: JSONBody[Made]) -> Response[Any]:
    async with changing(request) as (tx, actor, had):
        await factors.finish_registration(
            tx, actor.account_id, site_of(request), ceremony=data.ceremony, answer=data.credential, name=data.name
        )
        token = await raised(tx, actor)
    return kept(go(request, after_adding(had, data.next), flash=PASSKEY_ADDED), token)


@get("/security/passkeys/{passkey_id:uuid}", needs="self", fresh=True)
async def passkey(request: Asked, passkey_id: FromPath[UUID]) -> Response[Any]:
    return await _passkey(request, passkey_id)


async def _passkey(
    request: Asked, passkey_id: UUID, name: str | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    async with changing(request) as (tx, actor, had):
        needed = await accounts.needs_second_factor(tx, actor.account_id)
    found = next((one for one in had.passkeys if one.id == passkey_id), None)
    if found is None:
        raise NotFound
    return await page(
        request,
        "patient/passkey.html",
        refusal=refusal,
        passkey=found,
        name=found.name if name is None else name,
        stays=needed and had.count == 1,
    )


@post("/security/passkeys/{passkey_id:uuid}/rename", needs="self", fresh=True)
async def rename_passkey(request: Asked, passkey_id: FromPath[UUID], data: URLEncodedBody[Name]) -> Response[Any]:
    try:
        async with changing(request) as (tx, actor, _):
            await factors.rename_passkey(tx, actor.account_id, passkey_id, data.name)
    except Invalid as refusal:
        return await _passkey(request, passkey_id, data.name, refusal)
    return go(request, "/security", flash=PASSKEY_RENAMED)


@post("/security/passkeys/{passkey_id:uuid}/remove", needs="self", fresh=True)
async def remove_passkey(request: Asked, passkey_id: FromPath[UUID]) -> Response[Any]:
    try:
        async with changing(request) as (tx, actor, _):
            needed = await accounts.needs_second_factor(tx, actor.account_id)
            await factors.remove_passkey(tx, actor.account_id, passkey_id, keep_one=needed)
    except factors.LastFactor as refusal:
        return await _passkey(request, passkey_id, None, refusal)
    return go(request, "/security", flash=PASSKEY_REMOVED)


routes = [new_passkey, begin_passkey, finish_passkey, passkey, rename_passkey, remove_passkey]
