"""What changes whether a doctor may practise: written in the control database, and known in her clinics before the
answer goes out. Whoever is told "suspended" can rely on nobody booking her after that."""

from uuid import UUID

import structlog

from svastha.domain import accounts, directory, doctors, schedule
from svastha.domain.doctors import Application, Changes, Decision
from svastha.doors import visit
from svastha.doors.visit import Asked, House
from svastha.kit.refusals import Busy, NotFound

log = structlog.get_logger()


async def decide(
    request: Asked, doctor_id: UUID, decision: Decision, *, reason: str, version: int | None
) -> Application:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_control(house) as tx:
        application = await doctors.decide(tx, actor, doctor_id, decision, reason=reason, version=version)
        await directory.refresh(tx, doctor_id)
        places = await directory.places_of(tx, doctor_id)
    await _follow(house, doctor_id, places)
    return application


async def save(request: Asked, changes: Changes) -> Application:
    """Her own changes: those to what was verified take her out of the directory until somebody has looked again."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_control(house) as tx:
        could = await doctors.may_practise(tx, actor.account_id)
        application = await doctors.save(tx, actor, changes)
        ends = could and not application.may_practise
        places = await directory.places_of(tx, actor.account_id) if ends else []
        if ends:
            await directory.refresh(tx, actor.account_id)
    await _follow(house, actor.account_id, places)
    return application


async def set_suspended(request: Asked, account_id: UUID, *, suspended: bool, why: str) -> None:
    """Suspend or reinstate an account: a doctor whose account is suspended does not practise either."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_control(house) as tx:
        await (accounts.suspend if suspended else accounts.reinstate)(tx, actor, account_id, why=why)
        await directory.refresh(tx, account_id)
        places = await directory.places_of(tx, account_id)
    await _follow(house, account_id, places)


async def _follow(house: House, doctor_id: UUID, places: list[str]) -> None:
    """A clinic that cannot be reached sells nothing now, and asks the control database before it does again."""

    async def may_practise() -> bool:
        async with house.routing.reading_control() as tx:
            return await doctors.may_practise(tx, doctor_id)

    for slug in places:
        try:
            async with visit.to_clinic(house, slug) as tx:
                await schedule.follow(tx, doctor_id, may_practise)
        except (Busy, NotFound):
            log.warning("clinic_not_told", clinic=slug)
