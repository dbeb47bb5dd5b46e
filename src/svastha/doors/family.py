"""Who acts for whom, for pages and programs alike: what needs the account and a clinic's own database."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.domain import accounts, patients
from svastha.domain.accounts import Contact
from svastha.domain.patients import Asked as Invited
from svastha.domain.patients import Dependant, GuardianInvitation, Helper
from svastha.doors import visit
from svastha.doors.remembered import clinics_of, remember_patient
from svastha.doors.visit import Asked


class Guardians(msgspec.Struct, frozen=True):
    """Who acts for the one who asks and for those she registered, and whom she has asked to."""

    items: list[Helper]
    invitations: list[GuardianInvitation]


class AtClinic(msgspec.Struct, frozen=True):
    slug: str
    name: str
    dependants: list[Dependant]
    guardians: Guardians


async def everywhere(request: Asked, *, trace: bool = True) -> list[AtClinic]:
    """At every clinic that knows the one who asks."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    slugs = await clinics_of(house, actor)
    found = []
    for slug in slugs:
        async with visit.to_clinic(house, slug) as tx:
            mine = await patients.dependants(tx, actor, trace=trace)
            theirs = Guardians(await patients.guardians(tx, actor), await patients.guardian_invitations(tx, actor))
            found.append(AtClinic(slug, tx.clinic.name, mine, theirs))
    return found


async def register(
    request: Asked, clinic: str, *, name: str, birth_date: date, sex: str, relation: str, may_act: bool
) -> Dependant:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    await remember_patient(house, actor, clinic)
    async with visit.to_clinic(house, clinic) as tx:
        return await patients.register_dependant(
            tx, actor, name=name, birth_date=birth_date, sex=sex, relation=relation, may_act=may_act
        )


async def invite(
    request: Asked,
    clinic: str,
    *,
    contact: str,
    relation: str,
    until: datetime | None = None,
    patient_id: UUID | None = None,
) -> UUID:
    """Returns the invitation."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    await remember_patient(house, actor, clinic)
    async with visit.to_clinic(house, clinic) as tx:
        return await patients.invite_guardian(
            tx, actor, contact=contact, relation=relation, until=until, patient_id=patient_id
        )


async def invited(request: Asked, clinic: str, invitation_id: UUID) -> Invited:
    """What an invitation says to the one who asks. Raises GuardianInvitationOver for one that is not for her."""
    contacts = await _contacts(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await patients.asked(tx, invitation_id, contacts)


async def accept(request: Asked, clinic: str, invitation_id: UUID) -> UUID:
    """Returns the guardianship."""
    house, actor, contacts = visit.house_of(request), await visit.actor_of(request), await _contacts(request)
    await invited(request, clinic, invitation_id)  # a stranger is not remembered there
    await remember_patient(house, actor, clinic)
    async with visit.to_clinic(house, clinic) as tx:
        return await patients.accept_guardianship(tx, actor, invitation_id, contacts)


async def decline(request: Asked, clinic: str, invitation_id: UUID) -> None:
    actor, contacts = await visit.actor_of(request), await _contacts(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await patients.decline_guardianship(tx, actor, invitation_id, contacts)


async def _contacts(request: Asked) -> list[Contact]:
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as control:
        return await accounts.contacts_of(control, actor.account_id)
