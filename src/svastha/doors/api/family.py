"""Whom one acts for at a clinic, and who acts for oneself."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import patients
from svastha.domain.patients import Asked as Invited
from svastha.domain.patients import Dependant, Guardian
from svastha.doors import family, visit
from svastha.doors.api.problems import answers
from svastha.doors.family import Guardians
from svastha.doors.visit import Asked
from svastha.kit.refusals import NotFound

Relation = Annotated[
    str, Meta(max_length=40, description="What she is to the patient: " + ", ".join(patients.RELATIONS))
]


class Dependants(msgspec.Struct, frozen=True):
    items: list[Dependant]


class NewDependant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``may_act``: of somebody of age, that you are allowed to act for her; it is kept."""

    name: Annotated[str, Meta(max_length=200)]
    birth_date: date
    sex: Annotated[str, Meta(max_length=20, description=", ".join(patients.SEXES))]
    relation: Relation
    may_act: bool = False


class NewGuardian(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``contact`` is an e-mail address or a telephone number. ``until`` is left out for: until it is ended.
    ``patient_id`` is left out for oneself, else somebody one has registered."""

    contact: Annotated[str, Meta(max_length=254)]
    relation: Relation
    until: Annotated[datetime, Meta(tz=True)] | None = None
    patient_id: UUID | None = None


class Reason(msgspec.Struct, frozen=True):
    why: Annotated[str, Meta(max_length=500)]


class Made(msgspec.Struct, frozen=True):
    id: UUID


class GuardiansOf(msgspec.Struct, frozen=True):
    items: list[Guardian]


@get("/clinics/{clinic:str}/me/dependants", needs="self", responses=answers(401, 404), tags=["Family"])
async def dependants(request: Asked, clinic: FromPath[str]) -> Dependants:
    """The patients of this clinic whom one acts for."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Dependants(await patients.dependants(tx, actor))


@post("/clinics/{clinic:str}/me/dependants", needs="self", responses=answers(401, 404, 409, 422), tags=["Family"])
async def register(request: Asked, clinic: FromPath[str], data: JSONBody[NewDependant]) -> Dependant:
    """Register a minor one cares for, or an adult one is allowed to act for. Of a minor it ends when she is of age."""
    return await family.register(request, clinic, **msgspec.structs.asdict(data))


@get("/clinics/{clinic:str}/me/guardians", needs="self", responses=answers(401, 404), tags=["Family"])
async def guardians(request: Asked, clinic: FromPath[str]) -> Guardians:
    """Who acts for oneself and for those one has registered, and invitations that wait."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Guardians(await patients.guardians(tx, actor), await patients.guardian_invitations(tx, actor))


@post(
    "/clinics/{clinic:str}/me/guardians",
    needs="self",
    fresh=True,
    responses=answers(401, 403, 404, 409, 422, 429),
    tags=["Family"],
)
async def invite(request: Asked, clinic: FromPath[str], data: JSONBody[NewGuardian]) -> Made:
    """Ask somebody to act for oneself, or for whom one has registered. The answer is the same whether or not the
    address has an account."""
    return Made(await family.invite(request, clinic, **msgspec.structs.asdict(data)))


@delete(
    "/clinics/{clinic:str}/me/guardian-invitations/{invitation_id:uuid}",
    needs="self",
    responses=answers(401, 404),
    tags=["Family"],
)
async def revoke(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> None:
    """Take an invitation back."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await patients.revoke_guardian_invitation(tx, actor, invitation_id)


@delete(
    "/clinics/{clinic:str}/me/guardians/{guardianship_id:uuid}",
    needs="self",
    responses=answers(401, 404),
    tags=["Family"],
)
async def end(request: Asked, clinic: FromPath[str], guardianship_id: FromPath[UUID]) -> None:
    """End that somebody acts for oneself or for whom one has registered, or that one acts for somebody. From the next
    request on it counts nowhere."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        found = await patients.ending(tx, actor, guardianship_id)
        if found.says_why:
            raise NotFound  # the desk has a door of its own
        await patients.end_guardianship(tx, actor, guardianship_id)


@get(
    "/clinics/{clinic:str}/guardian-invitations/{invitation_id:uuid}",
    needs="self",
    responses=answers(401, 404),
    tags=["Family"],
)
async def invited(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Invited:
    """What an invitation says, to whoever has verified the address it was sent to."""
    return await family.invited(request, clinic, invitation_id)


@post(
    "/clinics/{clinic:str}/guardian-invitations/{invitation_id:uuid}/accept",
    needs="self",
    responses=answers(401, 404, 409),
    tags=["Family"],
)
async def accept(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> Made:
    """Act for the patient from now on. For whoever has verified the address the invitation was sent to."""
    return Made(await family.accept(request, clinic, invitation_id))


@post(
    "/clinics/{clinic:str}/guardian-invitations/{invitation_id:uuid}/decline",
    needs="self",
    status_code=204,
    responses=answers(401, 404),
    tags=["Family"],
)
async def decline(request: Asked, clinic: FromPath[str], invitation_id: FromPath[UUID]) -> None:
    """Say no; whoever invited is told."""
    await family.decline(request, clinic, invitation_id)


@get(
    "/clinics/{clinic:str}/patients/{patient_id:uuid}/guardians",
    needs="guardian.end",
    responses=answers(401, 403, 404),
    tags=["Family"],
)
async def guardians_of(request: Asked, clinic: FromPath[str], patient_id: FromPath[UUID]) -> GuardiansOf:
    """Who acts for a patient, for the desk."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return GuardiansOf(await patients.guardians_of(tx, actor, patient_id))


@post(
    "/clinics/{clinic:str}/guardians/{guardianship_id:uuid}/end",
    needs="guardian.end",
    status_code=204,
    responses=answers(401, 403, 404, 422),
    tags=["Family"],
)
async def end_at_desk(
    request: Asked, clinic: FromPath[str], guardianship_id: FromPath[UUID], data: JSONBody[Reason]
) -> None:
    """End that somebody acts for a patient, with a reason that both can read. The desk ends, it makes none."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await patients.end_guardianship(tx, actor, guardianship_id, why=data.why)


routes = [
    dependants,
    register,
    guardians,
    invite,
    revoke,
    end,
    invited,
    accept,
    decline,
    guardians_of,
    end_at_desk,
]
