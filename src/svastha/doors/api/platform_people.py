"""Accounts as the platform sees them: found by an exact address, suspended, reinstated, given roles."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import accounts
from svastha.domain.accounts import AccountSeen, SignedIn
from svastha.doors import practice, visit
from svastha.doors.api.people import NewRole, People
from svastha.doors.api.problems import answers
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked


class Whom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The exact e-mail address or telephone number."""

    contact: Annotated[str, Meta(max_length=254)]


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence for the audit, never about somebody's health."""

    why: Annotated[str, Meta(max_length=2000)]


class Lost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``challenge`` as `/auth/login` gave it, ``secret`` the last part of the link."""

    challenge: Annotated[str, Meta(max_length=200)]
    secret: Annotated[str, Meta(max_length=200)]


@get("/platform/people", needs="platform.appoint", responses=answers(401, 403, 404), tags=["Platform"])
async def people(request: Asked) -> People:
    """Who has a role on the platform."""
    async with visit.house_of(request).routing.reading_control() as tx:
        return People(await accounts.people_of(tx, None))


@post(
    "/platform/people/find",
    needs="account.find",
    status_code=200,
    responses=answers(401, 403, 404, 422),
    tags=["Platform"],
)
async def find(request: Asked, data: JSONBody[Whom]) -> AccountSeen:
    """In the body, for an address line is kept in many places."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.account_seen(tx, actor, await accounts.find_account(tx, actor, data.contact))


@get(
    "/platform/people/{account_id:uuid}",
    needs="account.find",
    responses=answers(401, 403, 404),
    tags=["Platform"],
)
async def one(request: Asked, account_id: FromPath[UUID]) -> AccountSeen:
    """Name, state and roles. No address, and nothing about anybody's health."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.account_seen(tx, actor, account_id)


@post(
    "/platform/people/{account_id:uuid}/suspend",
    needs="account.suspend",
    status_code=204,
    responses=answers(401, 403, 404, 409, 422),
    tags=["Platform"],
)
async def suspend(request: Asked, account_id: FromPath[UUID], data: JSONBody[Why]) -> None:
    """Nothing of hers works from this moment. A doctor is neither found nor bookable any more."""
    await practice.set_suspended(request, account_id, suspended=True, why=data.why)


@post(
    "/platform/people/{account_id:uuid}/reinstate",
    needs="account.suspend",
    status_code=204,
    responses=answers(401, 403, 404, 409, 422),
    tags=["Platform"],
)
async def reinstate(request: Asked, account_id: FromPath[UUID], data: JSONBody[Why]) -> None:
    await practice.set_suspended(request, account_id, suspended=False, why=data.why)


@post(
    "/platform/people/{account_id:uuid}/end-sessions",
    needs="account.suspend",
    status_code=204,
    responses=answers(401, 403, 404),
    tags=["Platform"],
)
async def end_sessions(request: Asked, account_id: FromPath[UUID]) -> None:
    """She is signed out everywhere, and can sign in again."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.end_sessions(tx, actor, account_id)


@post(
    "/platform/people/{account_id:uuid}/second-factor/reset",
    needs="account.reset",
    fresh=True,
    status_code=204,
    responses=answers(401, 403, 404, 409, 422),
    tags=["Platform"],
)
async def reset(request: Asked, account_id: FromPath[UUID], data: JSONBody[Why]) -> None:
    """For somebody whose identity was checked; `why` says how. She gets a link, good for a day, and is told at all her
    addresses."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.start_factor_reset(tx, actor, account_id, why=data.why)


@post(
    "/auth/login/second-factor/lost",
    needs="public",
    status_code=200,
    responses=answers(401, 404),
    tags=["Account"],
    security=[],
)
async def lost(request: Asked, data: JSONBody[Lost]) -> SignedIn:
    """Sign in with the first factor and the link that was sent; the old second factors are gone, and a new one can be
    set up."""
    visitor = visitor_of(request, kind="api")
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.finish_factor_reset(tx, data.challenge, data.secret, visitor, kind="api")


@post(
    "/platform/people/{account_id:uuid}/roles",
    needs="platform.appoint",
    fresh=True,
    status_code=204,
    responses=answers(401, 403, 404, 409, 422),
    tags=["Platform"],
)
async def appoint(request: Asked, account_id: FromPath[UUID], data: JSONBody[NewRole]) -> None:
    """A role on the platform."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.appoint(tx, actor, account_id, data.role, None, from_at=data.from_at, until=data.until)


@delete(
    "/platform/people/{account_id:uuid}/roles/{grant_id:uuid}",
    needs="platform.appoint",
    responses=answers(401, 403, 404, 409),
    tags=["Platform"],
)
async def dismiss(request: Asked, account_id: FromPath[UUID], grant_id: FromPath[UUID]) -> None:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.dismiss(tx, actor, None, account_id, grant_id)


routes = [people, find, one, suspend, reinstate, end_sessions, reset, lost, appoint, dismiss]
