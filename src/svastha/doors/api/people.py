"""Who works at a clinic, and who is invited to."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import accounts, clinics
from svastha.domain.accounts import Invitation, Invited, Person
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked

Instant = Annotated[datetime, Meta(tz=True)]
Role = Annotated[str, Meta(max_length=40, description="A role of the clinic, such as `receptionist`.")]
Roles = Annotated[list[Role], Meta(max_length=20)]
Secret = Annotated[str, Meta(max_length=200, description="The last part of the link.")]


class People(msgspec.Struct, frozen=True):
    items: list[Person]


class NewRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``from_at`` and ``until`` are left out for: from now, and without end."""

    role: Role
    from_at: Instant | None = None
    until: Instant | None = None


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Roles that need a second factor here, beyond those that need one everywhere."""

    second_factor_roles: Roles


class Invitations(msgspec.Struct, frozen=True):
    items: list[Invitation]


class NewInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``contact`` is an e-mail address or a telephone number; ``until`` is when the roles end."""

    contact: Annotated[str, Meta(max_length=254)]
    roles: Roles
    until: Instant | None = None


class Sent(msgspec.Struct, frozen=True):
    id: UUID


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    secret: Secret


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``with_this_account``: also if the invitation was sent to an address that is not of this account."""

    secret: Secret
    with_this_account: bool = False


class Accepted(msgspec.Struct, frozen=True):
    clinic: str


@get("/clinics/{clinic:str}/people", needs="people.read", responses=answers(401, 403, 404), tags=["People"])
async def people(request: Asked, clinic: FromPath[str]) -> People:
    """Who works there, with roles from and until, whether a second factor is set up, and when she was last there."""
    clinic_id = (await visit.clinic_of(request, clinic)).id
    async with visit.house_of(request).routing.reading_control() as tx:
        return People(await accounts.people_of(tx, clinic_id))


@post(
    "/clinics/{clinic:str}/people/{account_id:uuid}/roles",
    needs="people.appoint",
    fresh=True,
    status_code=204,
    responses=answers(401, 403, 404, 409, 422),
    tags=["People"],
)
async def appoint(request: Asked, clinic: FromPath[str], account_id: FromPath[UUID], data: JSONBody[NewRole]) -> None:
    """Give somebody who works there another role, or change until when she holds one. Never above one's own, never for
    longer. Whoever does not work there yet is invited instead."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.appoint(tx, actor, account_id, data.role, clinic_id, from_at=data.from_at, until=data.until)


@delete(
    "/clinics/{clinic:str}/people/{account_id:uuid}/roles/{grant_id:uuid}",
    needs="people.appoint",
    responses=answers(401, 403, 404, 409),
    tags=["People"],
)
async def dismiss(request: Asked, clinic: FromPath[str], account_id: FromPath[UUID], grant_id: FromPath[UUID]) -> None:
    """End a role, from this moment. The last one who runs the clinic stays."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.dismiss(tx, actor, clinic_id, account_id, grant_id)


@get("/clinics/{clinic:str}/people/policy", needs="people.read", responses=answers(401, 403, 404), tags=["People"])
async def policy(request: Asked, clinic: FromPath[str]) -> Policy:
    clinic_id = (await visit.clinic_of(request, clinic)).id
    async with visit.house_of(request).routing.reading_control() as tx:
        return Policy(await clinics.second_factor_roles(tx, clinic_id))


@put(
    "/clinics/{clinic:str}/people/policy",
    needs="clinic.policy",
    fresh=True,
    status_code=204,
    responses=answers(401, 403, 404, 422),
    tags=["People"],
)
async def change_policy(request: Asked, clinic: FromPath[str], data: JSONBody[Policy]) -> None:
    """From this moment; whoever signed in with one factor alone has to show another."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        await clinics.require_second_factor(tx, actor, clinic_id, data.second_factor_roles)


@get("/clinics/{clinic:str}/invitations", needs="people.appoint", responses=answers(401, 403, 404), tags=["People"])
async def invitations(request: Asked, clinic: FromPath[str]) -> Invitations:
    """Those that wait to be accepted, newest first."""
    clinic_id = (await visit.clinic_of(request, clinic)).id
    async with visit.house_of(request).routing.reading_control() as tx:
        return Invitations(await accounts.invitations_of(tx, clinic_id))


@post(
    "/clinics/{clinic:str}/invitations",
    needs="people.appoint",
    fresh=True,
    responses=answers(401, 403, 404, 409, 422),
    tags=["People"],
)
async def invite(request: Asked, clinic: FromPath[str], data: JSONBody[NewInvitation]) -> Sent:
    """A link goes out, good for seven days and for one person. The answer is the same whoever has the address."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        return Sent(await accounts.invite(tx, actor, clinic_id, data.contact, data.roles, until=data.until))


@post(
    "/clinics/{clinic:str}/invitations/{invitation_id:uuid}/send",
    needs="people.appoint",
    status_code=204,
    responses=answers(401, 403, 404, 429),
    tags=["People"],
)
async def send_again(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> None:
    """A new link, for another seven days; the one before ends."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.send_again(tx, actor, clinic_id, invitation_id)


@delete(
    "/clinics/{clinic:str}/invitations/{invitation_id:uuid}",
    needs="people.appoint",
    responses=answers(401, 403, 404),
    tags=["People"],
)
async def revoke(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> None:
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.revoke_invitation(tx, actor, clinic_id, invitation_id)


@post("/invitations/look", needs="public", status_code=200, responses=answers(404), tags=["People"], security=[])
async def look(request: Asked, data: JSONBody[Link]) -> Invited:
    """What an invitation says. The secret is sent in the body, for an address line is kept in many places."""
    asker = await visit.asker(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return await accounts.invited(tx, data.secret, asker)


@post(
    "/invitations/accept",
    needs="self",
    status_code=200,
    responses=answers(401, 403, 404, 409),
    tags=["People"],
)
async def accept(request: Asked, data: JSONBody[Acceptance]) -> Accepted:
    """Once. The roles are given by whoever invited, if she still may."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return Accepted(await accounts.accept(tx, actor, data.secret, with_this_account=data.with_this_account))


@post(
    "/invitations/decline", needs="public", status_code=204, responses=answers(404, 422), tags=["People"], security=[]
)
async def decline(request: Asked, data: JSONBody[Link]) -> None:
    """Say no. The link is worth nothing from this moment, and the invitation waits no longer."""
    asker = await visit.asker(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.decline(tx, data.secret, asker)


routes = [
    people,
    appoint,
    dismiss,
    policy,
    change_policy,
    invitations,
    invite,
    send_again,
    revoke,
    look,
    accept,
    decline,
]
