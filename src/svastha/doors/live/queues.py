"""The queues of a clinic as all who follow them in this process need them: looked at once, for all."""

from collections.abc import Collection, Mapping
from uuid import UUID

from svastha.domain import queue, schedule
from svastha.domain.queue import Today
from svastha.doors import visit
from svastha.doors.live.shared import Shared
from svastha.doors.visit import Asked


async def queues_now(request: Asked, clinic: str, since: Mapping[UUID, float]) -> dict[UUID, Today | None]:
    """Each doctor's as it was then or later, for her, the desk and those who wait. None of who does not practise
    there."""

    shared: Shared = request.app.state.shared

    async def look(doctors: Collection[UUID]) -> dict[UUID, Today]:
        async with shared.reading(visit.house_of(request), clinic) as tx:
            return await queue.today(tx, doctors)

    return await shared.look((clinic, "queues"), since, look)


async def doctors_now(request: Asked, clinic: str, since: float) -> list[UUID]:
    """Who practises there, by name."""

    shared: Shared = request.app.state.shared

    async def look(_: object) -> dict[None, list[UUID]]:
        async with shared.reading(visit.house_of(request), clinic) as tx:
            return {None: [one.doctor_id for one in await schedule.practitioners(tx)]}

    return (await shared.look((clinic, "doctors"), {None: since}, look))[None] or []
