"""Who works at a clinic, in which roles and until when; who is invited; and what the clinic asks of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import accounts, clinics
from svastha.domain.accounts import APPOINTS, OF_PLATFORM, ROLES, SECOND_FACTOR
from svastha.doors import visit
from svastha.doors.instants import instant
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit import clock
from svastha.kit.db import ClinicRef
from svastha.kit.i18n import N_
from svastha.kit.refusals import NotFound, Refusal

OFFERED = {role: words for role, words in ROLES.items() if role in APPOINTS["clinic_admin"]}
APPOINTED = say("appointed", N_("Done. It counts from the next click on."))
DISMISSED = say("dismissed", N_("That role has ended. It counts from the next click on."))
INVITED = say("invited", N_("The invitation is on its way."))
REVOKED = say("invitation_revoked", N_("The invitation is taken back. Its link opens nothing any more."))
POLICY = say("policy_changed", N_("Saved. Whoever has to show a second factor is asked for it with the next click."))
Several = list[str] | str  # boxes of one name: a form with a single one ticked looks like a text


class Role(msgspec.Struct, frozen=True):
    role: str = ""
    from_at: str = ""
    until: str = ""


class Invite(msgspec.Struct, frozen=True):
    contact: str = ""
    roles: Several = []
    until: str = ""


class Policy(msgspec.Struct, frozen=True):
    roles: Several = []


def several(ticked: Several) -> list[str]:
    return [ticked] if isinstance(ticked, str) else ticked


@get("/c/{clinic:str}/people", needs="people.read")
async def people(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return await page(
            request,
            "admin/people.html",
            clinic=place,
            people=await accounts.people_of(tx, place.id),
            invitations=await accounts.invitations_of(tx, place.id),
            policy=await clinics.second_factor_roles(tx, place.id),
            roles=ROLES,
            always=SECOND_FACTOR,
            runs=actor.is_a("clinic_admin", place.id),
        )


@get("/c/{clinic:str}/people/{account_id:uuid}", needs="people.appoint", fresh=True)
async def person(request: Asked, clinic: FromPath[str], account_id: FromPath[UUID]) -> Response[Any]:
    return await _person(request, clinic, account_id, Role())


async def _person(
    request: Asked, clinic: str, account_id: UUID, form: Role, refusal: Refusal | None = None
) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    async with visit.house_of(request).routing.reading_control() as tx:
        found = await accounts.people_of(tx, place.id, account_id)
    if not found:
        raise NotFound
    return await page(
        request,
        "admin/person.html",
        refusal=refusal,
        clinic=place,
        person=found[0],
        roles=ROLES,
        offered=OFFERED,
        form=form,
        today=clock.today(clock.zone(place.zone)).isoformat(),
    )


@post("/c/{clinic:str}/people/{account_id:uuid}/roles", needs="people.appoint", fresh=True)
async def appoint(
    request: Asked, clinic: FromPath[str], account_id: FromPath[UUID], data: URLEncodedBody[Role]
) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    try:
        from_at, until = _days(place, data.from_at, data.until)
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.appoint(tx, actor, account_id, data.role, place.id, from_at=from_at, until=until)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _person(request, clinic, account_id, data, refusal)
    return go(request, f"/c/{clinic}/people/{account_id}", flash=APPOINTED)


@post("/c/{clinic:str}/people/{account_id:uuid}/roles/{grant_id:uuid}/end", needs="people.appoint")
async def dismiss(
    request: Asked, clinic: FromPath[str], account_id: FromPath[UUID], grant_id: FromPath[UUID]
) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.dismiss(tx, actor, place.id, account_id, grant_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _person(request, clinic, account_id, Role(), refusal)
    return go(request, f"/c/{clinic}/people", flash=DISMISSED)


@get("/c/{clinic:str}/people/invite", needs="people.appoint", fresh=True)
async def invite_page(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    return await _invite(request, clinic, Invite())


async def _invite(request: Asked, clinic: str, form: Invite, refusal: Refusal | None = None) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    return await page(
        request,
        "admin/invite.html",
        refusal=refusal,
        clinic=place,
        offered=OFFERED,
        form=form,
        ticked=several(form.roles),
        today=clock.today(clock.zone(place.zone)).isoformat(),
    )


@post("/c/{clinic:str}/people/invite", needs="people.appoint", fresh=True)
async def invite(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Invite]) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    try:
        _, until = _days(place, "", data.until)
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.invite(tx, actor, place.id, data.contact, several(data.roles), until=until)
    except Refusal as refusal:
        return await _invite(request, clinic, data, refusal)
    return go(request, f"/c/{clinic}/people", flash=INVITED)


@post("/c/{clinic:str}/people/invitations/{invitation_id:uuid}/send", needs="people.appoint")
async def send_again(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.send_again(tx, actor, place.id, invitation_id)
    return go(request, f"/c/{clinic}/people", flash=INVITED)


@post("/c/{clinic:str}/people/invitations/{invitation_id:uuid}/revoke", needs="people.appoint")
async def revoke(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.revoke_invitation(tx, actor, place.id, invitation_id)
    return go(request, f"/c/{clinic}/people", flash=REVOKED)


@get("/c/{clinic:str}/people/policy", needs="clinic.policy", fresh=True)
async def policy_page(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    async with visit.house_of(request).routing.reading_control() as tx:
        chosen = await clinics.second_factor_roles(tx, place.id)
    return await page(
        request,
        "admin/policy.html",
        clinic=place,
        choices={role: ROLES[role] for role in clinics.CHOICES},
        always={role: ROLES[role] for role in ROLES if role in SECOND_FACTOR - OF_PLATFORM},
        chosen=chosen,
    )


@post("/c/{clinic:str}/people/policy", needs="clinic.policy", fresh=True)
async def change_policy(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Policy]) -> Response[Any]:
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await clinics.require_second_factor(tx, actor, place.id, several(data.roles))
    return go(request, f"/c/{clinic}/people", flash=POLICY)


def _days(place: ClinicRef, from_at: str, until: str) -> tuple[datetime | None, datetime | None]:
    """From the beginning of one day to the end of another, at the clinic. Raises Invalid."""
    where = clock.zone(place.zone)
    return (
        instant("from_at", from_at, where) if from_at else None,
        instant("until", until, where, days=1 if _is_day(until) else 0) if until else None,
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) < date.max
    except ValueError:
        return False


routes: list[HTTPRouteHandler] = [
    people,
    person,
    appoint,
    dismiss,
    invite_page,
    invite,
    send_again,
    revoke,
    policy_page,
    change_policy,
]
