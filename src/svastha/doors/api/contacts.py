"""One's own addresses and password."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import accounts
from svastha.domain.accounts import Contact
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked

Text = Annotated[str, Meta(max_length=1000)]


class Contacts(msgspec.Struct, frozen=True):
    items: list[Contact]


class NewContact(msgspec.Struct, frozen=True):
    contact: Text


class Code(msgspec.Struct, frozen=True):
    code: Annotated[str, Meta(max_length=100)]


class Password(msgspec.Struct, frozen=True):
    password: Text


class Token(msgspec.Struct, frozen=True):
    token: Text


class Done(msgspec.Struct, frozen=True):
    status: str


@get("/me/contacts", needs="self", responses=answers(401), tags=["Account"])
async def contacts(request: Asked) -> Contacts:
    """One's e-mail address and telephone number."""
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return Contacts(await accounts.contacts_of(tx, actor.account_id))


@post(
    "/me/contacts", needs="self", fresh=True, status_code=202, responses=answers(401, 403, 422, 429), tags=["Account"]
)
async def add_contact(request: Asked, data: JSONBody[NewContact]) -> Done:
    """A code goes to the new address. It counts once that came back, and replaces the one of its kind."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.ask_new_contact(tx, actor, data.contact, visitor_of(request, kind="api"))
    return Done("code_sent")


@post("/me/contacts/verify", needs="self", status_code=200, responses=answers(401, 409, 422, 429), tags=["Account"])
async def verify_contact(request: Asked, data: JSONBody[Code]) -> Contacts:
    """The code that went to the new address. The old one is told, and may object for 72 hours."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.verify_new_contact(tx, actor, data.code, visitor_of(request, kind="api"))
        return Contacts(await accounts.contacts_of(tx, actor.account_id))


@delete(
    "/me/contacts/{contact_id:uuid}",
    needs="self",
    fresh=True,
    responses=answers(401, 403, 404, 409),
    tags=["Account"],
)
async def remove_contact(request: Asked, contact_id: FromPath[UUID]) -> None:
    """One address must stay."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.remove_contact(tx, actor, contact_id)


@post("/auth/undo", needs="public", status_code=200, responses=answers(409, 422), tags=["Account"], security=[])
async def undo(request: Asked, data: JSONBody[Token]) -> Done:
    """Object to a change of address, with what the link ends in that the old address was sent."""
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.object_to(tx, data.token)
    return Done("undone")


@put("/me/password", needs="self", fresh=True, status_code=200, responses=answers(401, 403, 422), tags=["Account"])
async def change_password(request: Asked, data: JSONBody[Password]) -> Done:
    """Choose another password, or a first one. All other sessions end."""
    actor = await visit.actor_of(request)
    hashed = await accounts.new_password(data.password, actor.name, actor.email)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.change_password(tx, actor, hashed)
    return Done("changed")


routes = [contacts, add_contact, verify_contact, remove_contact, undo, change_password]
