from uuid import UUID

from svastha.domain import accounts, doctors
from svastha.domain.accounts import Actor
from svastha.doors import visit
from svastha.doors.visit import House

_known: set[tuple[UUID, str]] = set()  # by database: one process may serve several houses, one after the other


async def remember_patient(house: House, actor: Actor, clinic: str) -> None:
    """Before her first visit there, so that no visit is ever missing from her list; once per process and person."""
    ref, _ = await house.routing.find(clinic)
    if (actor.account_id, ref.database) in _known:
        return
    async with visit.to_control(house) as tx:
        await accounts.known_at(tx, actor, ref.id)
    if len(_known) > 100_000:
        _known.clear()
    _known.add((actor.account_id, ref.database))


async def clinics_of(house: House, actor: Actor) -> list[str]:
    """Slugs of the clinics where she is remembered."""
    async with house.routing.reading_control() as tx:
        return await accounts.clinics_of(tx, actor)


async def before_booking(house: House, actor: Actor, clinic: str, doctor_id: UUID) -> list[str]:
    """What the control database has to say first: this doctor may practise at this very moment, and this person is
    known there. Returns where else she is, see ``other_visits_at``. Raises NotFound for a doctor who may not."""
    async with house.routing.reading_control() as tx:
        places = await doctors.may_be_booked(tx, actor, doctor_id)
    await remember_patient(house, actor, clinic)
    return places
