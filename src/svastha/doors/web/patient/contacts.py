"""One's own password, e-mail address and number."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import accounts
from svastha.doors import visit
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

PASSWORD_CHANGED = say("password_changed", N_("Your password is changed. All your other devices are signed out."))
CONTACT_CHANGED = say("contact_changed", N_("Saved. We have told the address you had before."))
CONTACT_REMOVED = say("contact_removed", N_("Removed. We have told that address."))


class NewPassword(msgspec.Struct, frozen=True):
    password: str = ""


class NewContact(msgspec.Struct, frozen=True):
    contact: str = ""
    code: str = ""


@get("/security/password", needs="self", fresh=True)
async def password_page(request: Asked) -> Response[Any]:
    return await page(request, "patient/password.html", form=NewPassword(), **await _known(request))


async def _known(request: Asked) -> dict[str, Any]:
    actor = await visit.actor_of(request)
    return {"known_as": actor.email or actor.phone}


@post("/security/password", needs="self", fresh=True)
async def change_password(request: Asked, data: URLEncodedBody[NewPassword]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        hashed = await accounts.new_password(data.password, actor.name, actor.email)
    except Refusal as refusal:
        return await page(request, "patient/password.html", refusal=refusal, form=data, **await _known(request))
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.change_password(tx, actor, hashed)
    return go(request, "/security", flash=PASSWORD_CHANGED)


@get("/security/contacts", needs="self")
async def contacts_page(request: Asked) -> Response[Any]:
    return await page(request, "patient/contacts.html", form=NewContact(), **await _hers(request))


async def _hers(request: Asked) -> dict[str, Any]:
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        waiting = await accounts.waiting_contact(tx, actor)
        return {"contacts": await accounts.contacts_of(tx, actor.account_id), "waiting": waiting}


@get("/security/contacts/new", needs="self", fresh=True)
async def new_contact_page(request: Asked) -> Response[Any]:
    return await page(request, "patient/contact_new.html", form=NewContact())


@post("/security/contacts/new", needs="self", fresh=True)
async def add_contact(request: Asked, data: URLEncodedBody[NewContact]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.ask_new_contact(tx, actor, data.contact, visitor_of(request, kind="browser"))
    except Refusal as refusal:
        return await page(request, "patient/contact_new.html", refusal=refusal, form=data)
    return go(request, "/security/contacts")


@post("/security/contacts/verify", needs="self")
async def verify_contact(request: Asked, data: URLEncodedBody[NewContact]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.verify_new_contact(tx, actor, data.code, visitor_of(request, kind="browser"))
    except Refusal as refusal:
        return await page(request, "patient/contacts.html", refusal=refusal, form=data, **await _hers(request))
    return go(request, "/security/contacts", flash=CONTACT_CHANGED)


@get("/security/contacts/{contact_id:uuid}", needs="self", fresh=True)
async def contact_page(request: Asked, contact_id: FromPath[UUID]) -> Response[Any]:
    """Asks before it is removed."""
    return await page(request, "patient/contact.html", form=contact_id, **await _hers(request))


@post("/security/contacts/{contact_id:uuid}/remove", needs="self", fresh=True)
async def remove_contact(request: Asked, contact_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.remove_contact(tx, actor, contact_id)
    except Refusal as refusal:
        return await page(request, "patient/contacts.html", refusal=refusal, form=NewContact(), **await _hers(request))
    return go(request, "/security/contacts", flash=CONTACT_REMOVED)


routes = [
    password_page,
    change_password,
    contacts_page,
    new_contact_page,
    add_contact,
    verify_contact,
    contact_page,
    remove_contact,
]
