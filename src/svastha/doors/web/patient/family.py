"""Whom one acts for, and who acts for oneself, at every clinic."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from svastha.domain import clinics, patients
from svastha.domain.patients import RELATIONS, SEXES
from svastha.doors import family, visit
from svastha.doors.instants import instant
from svastha.doors.visit import Asked
from svastha.doors.web.ids import meant
from svastha.doors.web.render import go, page, say
from svastha.kit.clock import today, zone
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

REGISTERED = say("dependant_registered", N_("Done. You can book for them now: choose for whom under the free times."))
ASKED = say("guardian_asked", N_("The invitation is on its way. It is good for two weeks."))
TAKEN_BACK = say("guardian_taken_back", N_("The invitation is taken back."))
ACCEPTED = say("guardian_accepted", N_("You act for this patient from now on."))
DECLINED = say("guardian_declined", N_("You have said no. Whoever asked you is told."))
ENDED = say("guardian_ended", N_("It has ended. Those concerned are told."))
END_OF = "/c/{clinic:str}/guardians/{guardianship_id:uuid}/end"


class Dependant(msgspec.Struct, frozen=True):
    clinic: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    relation: str = ""
    may_act: str = ""


class Invite(msgspec.Struct, frozen=True):
    """``patient``: empty for oneself."""

    patient: str = ""
    contact: str = ""
    relation: str = ""
    until: str = ""


class End(msgspec.Struct, frozen=True):
    why: str = ""


@get("/family", needs="self")
async def family_page(request: Asked) -> Response[Any]:
    return await page(request, "patient/family.html", places=await family.everywhere(request), relations=RELATIONS)


@get("/family/new", needs="self")
async def new_page(request: Asked, clinic: FromQuery[str] = "") -> Response[Any]:
    return await _new(request, Dependant(clinic))


async def _new(request: Asked, form: Dependant, refusal: Refusal | None = None) -> Response[Any]:
    async with visit.house_of(request).routing.reading_control() as control:
        places = [(one.slug, f"{one.name}, {one.city}") for one in await clinics.every(control)]
    return await page(
        request,
        "patient/dependant_new.html",
        refusal=refusal,
        form=form,
        places=places,
        relations=RELATIONS,
        sexes=SEXES,
    )


@post("/family/new", needs="self")
async def register(request: Asked, data: URLEncodedBody[Dependant]) -> Response[Any]:
    try:
        if not data.clinic:
            raise Invalid(FieldError("clinic", N_("Choose one of these.")))
        await family.register(
            request,
            data.clinic,
            name=data.name,
            birth_date=_day(data.birth_date),
            sex=data.sex,
            relation=data.relation,
            may_act=bool(data.may_act),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return await _new(request, data, refusal)
    return go(request, "/family", flash=REGISTERED)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(FieldError("birth_date", N_("Please give the day of birth."))) from None


@get("/c/{clinic:str}/family/invite", needs="self", fresh=True)
async def invite_page(request: Asked, clinic: FromPath[str], patient: FromQuery[str] = "") -> Response[Any]:
    return await _invite(request, clinic, Invite(patient))


async def _invite(request: Asked, clinic: str, form: Invite, refusal: Refusal | None = None) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with house.routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
    async with visit.to_clinic(house, clinic) as tx:
        registered = [(str(one.patient_id), one.name) for one in await patients.dependants(tx, actor) if one.may_invite]
    if form.patient and form.patient not in dict(registered):
        raise NotFound
    return await page(
        request,
        "patient/guardian_invite.html",
        refusal=refusal,
        clinic=place,
        form=form,
        people=registered,
        relations=RELATIONS,
        today=today(zone(place.zone)).isoformat(),
    )


@post("/c/{clinic:str}/family/invite", needs="self", fresh=True)
async def invite(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Invite]) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    try:
        await family.invite(
            request,
            clinic,
            contact=data.contact,
            relation=data.relation,
            until=instant("until", data.until, zone(place.zone), days=1) if data.until else None,
            patient_id=meant(data.patient),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return await _invite(request, clinic, data, refusal)
    return go(request, "/family", flash=ASKED)


@get("/c/{clinic:str}/guardian-invitations/{invitation_id:uuid}", needs="self")
async def invited_page(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Response[Any]:
    return await _invited(request, clinic, invitation_id)


async def _invited(request: Asked, clinic: str, id: UUID, refusal: Refusal | None = None) -> Response[Any]:
    asked = await family.invited(request, clinic, id)
    async with visit.house_of(request).routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
    return await page(
        request,
        "patient/guardian_invited.html",
        refusal=refusal,
        clinic=place,
        asked=asked,
        relations=RELATIONS,
    )


@post("/c/{clinic:str}/guardian-invitations/{invitation_id:uuid}/accept", needs="self")
async def accept(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Response[Any]:
    try:
        await family.accept(request, clinic, invitation_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _invited(request, clinic, invitation_id, refusal)
    return go(request, "/family", flash=ACCEPTED)


@post("/c/{clinic:str}/guardian-invitations/{invitation_id:uuid}/decline", needs="self")
async def decline(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Response[Any]:
    await family.decline(request, clinic, invitation_id)
    return go(request, "/family", flash=DECLINED)


@post("/c/{clinic:str}/guardian-invitations/{invitation_id:uuid}/revoke", needs="self")
async def revoke(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await patients.revoke_guardian_invitation(tx, actor, invitation_id)
    return go(request, "/family", flash=TAKEN_BACK)


@get(END_OF, needs="self")
async def end_page(request: Asked, clinic: FromPath[str], guardianship_id: FromPath[UUID]) -> Response[Any]:
    """For the patient, the guardian and the desk alike; for anybody else there is no such page."""
    return await _end(request, clinic, guardianship_id, End())


async def _end(request: Asked, clinic: str, id: UUID, form: End, refusal: Refusal | None = None) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        found, place = await patients.ending(tx, actor, id), tx.clinic
    return await page(
        request,
        "patient/guardian_end.html",
        refusal=refusal,
        clinic=place,
        ending=found,
        relations=RELATIONS,
        form=form,
        back="/desk" if found.says_why else "/family",
    )


@post(END_OF, needs="self")
async def end(
    request: Asked, clinic: FromPath[str], guardianship_id: FromPath[UUID], data: URLEncodedBody[End]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            found = await patients.ending(tx, actor, guardianship_id)
            await patients.end_guardianship(tx, actor, guardianship_id, why=data.why)
    except Invalid as refusal:
        return await _end(request, clinic, guardianship_id, data, refusal)
    return go(request, "/desk" if found.says_why else "/family", flash=ENDED)


routes: list[HTTPRouteHandler] = [
    family_page,
    new_page,
    register,
    invite_page,
    invite,
    invited_page,
    accept,
    decline,
    revoke,
    end_page,
    end,
]
