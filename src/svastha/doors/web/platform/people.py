"""People as the platform sees them: its own, and any account by its exact address."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import accounts
from svastha.domain.accounts import APPOINTS, OF_PLATFORM, ROLES
from svastha.doors import practice, visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import NotFound, Refusal

OFFERED = {
    role: ROLES[role] for role in ROLES if role in OF_PLATFORM | {"auditor"} and role in APPOINTS["platform_admin"]
}
SUSPENDED = say("account_suspended", N_("The account is suspended. Nothing of it works any more."))
REINSTATED = say("account_reinstated", N_("The account is open again."))
SIGNED_OUT = say("account_signed_out", N_("All sessions of this account are ended."))
RESET = say("factor_reset_sent", N_("A link is on its way to her, and word of it to all her addresses."))
GIVEN = say("platform_role_given", N_("Done. It counts from the next click on."))


class Whom(msgspec.Struct, frozen=True):
    contact: str = ""


class Why(msgspec.Struct, frozen=True):
    why: str = ""


class Role(msgspec.Struct, frozen=True):
    role: str = ""


@get("/platform/people", needs="account.find")
async def people(request: Asked) -> Response[Any]:
    return await _people(request, Whom())


async def _people(request: Asked, form: Whom, refusal: Refusal | None = None) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        ours = await accounts.people_of(tx, None) if actor.may("platform.appoint") else []
    return await page(
        request,
        "platform/people.html",
        refusal=refusal,
        people=ours,
        roles=ROLES,
        form=form,
    )


@post("/platform/people", needs="account.find")
async def find(request: Asked, data: URLEncodedBody[Whom]) -> Response[Any]:
    """By POST, for an address line is kept in many places."""
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            account_id = await accounts.find_account(tx, actor, data.contact)
    except Refusal as refusal:
        return await _people(request, data, refusal)
    return go(request, f"/platform/people/{account_id}")


@get("/platform/people/{account_id:uuid}", needs="account.find")
async def one(request: Asked, account_id: FromPath[UUID]) -> Response[Any]:
    return await _one(request, account_id)


async def _one(request: Asked, account_id: UUID, refusal: Refusal | None = None, why: str = "") -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        found = await accounts.account_seen(tx, actor, account_id)
    return await page(
        request,
        "platform/person.html",
        refusal=refusal,
        account=found,
        roles=ROLES,
        offered=OFFERED,
        mine=actor.account_id == account_id,
        suspends=actor.may("account.suspend"),
        resets=actor.may("account.reset"),
        appoints=actor.may("platform.appoint"),
        why=why,
    )


@post("/platform/people/{account_id:uuid}/suspend", needs="account.suspend")
async def suspend(request: Asked, account_id: FromPath[UUID], data: URLEncodedBody[Why]) -> Response[Any]:
    return await _set(request, account_id, data.why, suspended=True)


@post("/platform/people/{account_id:uuid}/reinstate", needs="account.suspend")
async def reinstate(request: Asked, account_id: FromPath[UUID], data: URLEncodedBody[Why]) -> Response[Any]:
    return await _set(request, account_id, data.why, suspended=False)


async def _set(request: Asked, account_id: UUID, why: str, *, suspended: bool) -> Response[Any]:
    try:
        await practice.set_suspended(request, account_id, suspended=suspended, why=why)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _one(request, account_id, refusal, why)
    return go(request, f"/platform/people/{account_id}", flash=SUSPENDED if suspended else REINSTATED)


@post("/platform/people/{account_id:uuid}/end-sessions", needs="account.suspend")
async def end_sessions(request: Asked, account_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.end_sessions(tx, actor, account_id)
    return go(request, f"/platform/people/{account_id}", flash=SIGNED_OUT)


@post("/platform/people/{account_id:uuid}/reset", needs="account.reset", fresh=True)
async def reset(request: Asked, account_id: FromPath[UUID], data: URLEncodedBody[Why]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.start_factor_reset(tx, actor, account_id, why=data.why)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _one(request, account_id, refusal, data.why)
    return go(request, f"/platform/people/{account_id}", flash=RESET)


@post("/platform/people/{account_id:uuid}/roles", needs="platform.appoint", fresh=True)
async def appoint(request: Asked, account_id: FromPath[UUID], data: URLEncodedBody[Role]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.appoint(tx, actor, account_id, data.role, None)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _one(request, account_id, refusal)
    return go(request, f"/platform/people/{account_id}", flash=GIVEN)


@post("/platform/people/{account_id:uuid}/roles/{grant_id:uuid}/end", needs="platform.appoint")
async def dismiss(request: Asked, account_id: FromPath[UUID], grant_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.dismiss(tx, actor, None, account_id, grant_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _one(request, account_id, refusal)
    return go(request, f"/platform/people/{account_id}", flash=GIVEN)


routes: list[HTTPRouteHandler] = [
    people,
    find,
    one,
    suspend,
    reinstate,
    end_sessions,
    reset,
    appoint,
    dismiss,
]
