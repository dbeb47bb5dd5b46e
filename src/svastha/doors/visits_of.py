from svastha.domain import appointments
from svastha.domain.appointments import Appointment
from svastha.doors import visit
from svastha.doors.remembered import clinics_of
from svastha.doors.visit import Asked


async def visits_of(request: Asked) -> list[Appointment]:
    """The visits of the person who asks as a patient, at every clinic that knows her, latest first."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    clinics = await clinics_of(house, actor)
    found: list[Appointment] = []
    for clinic in clinics:
        async with visit.to_clinic(house, clinic) as tx:
            found += await appointments.of_account(tx, actor)
    return sorted(found, key=lambda a: (a.starts_at, a.id), reverse=True)
