"""What cancelling costs at a clinic; and whose doctor is away."""

from typing import Annotated

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import appointments
from svastha.domain.appointments import Policy, Unanswered
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked

Percent = Annotated[int, Meta(ge=0, le=100)]


class NewPolicy(msgspec.Struct, frozen=True):
    """Until so many minutes before it a visit is cancelled or moved freely; percentages are of its fee."""

    free_until_minutes: Annotated[int, Meta(ge=0, le=14 * 24 * 60)]
    late_percent: Percent
    no_show_percent: Percent


@get("/clinics/{clinic:str}/policy", responses=answers(404), tags=["Booking"], security=[], needs="public")
async def policy(request: Asked, clinic: FromPath[str]) -> Policy:
    """What a visit booked now is booked under, and keeps."""
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.policy_in_force(tx)


@put("/clinics/{clinic:str}/policy", responses=answers(401, 404, 422), tags=["Clinic"], needs="clinic.policy")
async def set_policy(request: Asked, clinic: FromPath[str], data: JSONBody[NewPolicy]) -> Policy:
    """For visits booked from now on; those booked before keep theirs. The same once more makes no new version."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.set_policy(
            tx,
            actor,
            free_until_minutes=data.free_until_minutes,
            late_percent=data.late_percent,
            no_show_percent=data.no_show_percent,
        )


@get("/clinics/{clinic:str}/displaced", responses=answers(401, 404), tags=["Booking"], needs="visit.answer")
async def displaced(request: Asked, clinic: FromPath[str]) -> Unanswered:
    """Visits whose doctor is away and whose patients have yet to choose; a doctor finds her own."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await appointments.unanswered(tx, actor)


routes = [policy, set_policy, displaced]
