"""Keys by which other systems act for a clinic: made here, shown once, revoked here."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import accounts
from svastha.domain.accounts import FOR_KEYS, PERMISSIONS
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.admin.people import Several, several
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

SCOPES = {name: says for name, (_, says) in PERMISSIONS.items() if name in FOR_KEYS}
KEY_REVOKED = say("key_revoked", N_("The key is revoked. It opens nothing any more."))


class Wish(msgspec.Struct, frozen=True):
    name: str = ""
    scopes: Several = []
    days: str = "90"
    networks: str = ""


@get("/c/{clinic:str}/keys", needs="keys.manage")
async def api_keys(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    async with visit.house_of(request).routing.reading_control() as tx:
        found = await accounts.keys_of(tx, place.id)
    return await page(request, "admin/api_keys.html", clinic=place, keys=found, scopes=SCOPES)


@get("/c/{clinic:str}/keys/new", needs="keys.manage", fresh=True)
async def new_page(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    return await _form(request, clinic, Wish())


async def _form(request: Asked, clinic: str, form: Wish, refusal: Refusal | None = None) -> Response[Any]:
    return await page(
        request,
        "admin/api_key_new.html",
        refusal=refusal,
        clinic=await visit.clinic_of(request, clinic),
        scopes=SCOPES,
        form=form,
        ticked=several(form.scopes),
    )


@post("/c/{clinic:str}/keys", needs="keys.manage", fresh=True)
async def make(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Wish]) -> Response[Any]:
    """The only time the key is shown: the page is kept nowhere."""
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            made = await accounts.make_key(
                tx,
                actor,
                place.id,
                name=data.name,
                scopes=several(data.scopes),
                days=int(data.days) if data.days.isascii() and data.days.isdigit() and len(data.days) < 5 else 0,
                networks=data.networks.split(),
            )
    except Refusal as refusal:
        return await _form(request, clinic, data, refusal)
    return await page(request, "admin/api_key_made.html", clinic=place, name=data.name, made=made)


@post("/c/{clinic:str}/keys/{key_id:uuid}/revoke", needs="keys.manage")
async def revoke(request: Asked, clinic: FromPath[str], key_id: FromPath[UUID]) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.revoke_key(tx, actor, place.id, key_id)
    return go(request, f"/c/{clinic}/keys", flash=KEY_REVOKED)


routes: list[HTTPRouteHandler] = [api_keys, new_page, make, revoke]
