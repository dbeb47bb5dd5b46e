"""Closing an account touches the platform and every clinic that knows the person."""

from svastha.domain import accounts, appointments, patients
from svastha.domain.accounts import AccountClosed
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict


class VisitsToCome(Conflict):
    code = "visits_to_come"
    says = N_("There are visits to come. Please cancel them first, so that nobody waits.")


async def close_account(request: Asked) -> AccountClosed:
    """Raises VisitsToCome, and LastAdmin for whoever alone runs a clinic."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with house.routing.reading_control() as control:
        places = await accounts.clinics_of(control, actor)
        works_at = await accounts.workplaces(control, actor, "doctor")
    for clinic in sorted({*places, *works_at}):
        async with visit.to_clinic(house, clinic) as tx:
            if await appointments.any_to_come(tx, actor):
                raise VisitsToCome
    async with visit.to_control(house) as tx_control:
        closed = await accounts.close(tx_control, actor)
    for clinic in places:
        async with visit.to_clinic(house, clinic) as tx:
            await patients.forget_addresses(tx, actor)
    return closed
