from typing import Annotated

import msgspec
from litestar import get, patch
from litestar.params import JSONBody
from msgspec import Meta

from svastha.domain import accounts
from svastha.domain.accounts import Me
from svastha.domain.appointments import Appointment
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked
from svastha.doors.visits_of import visits_of

Text = Annotated[str, Meta(max_length=1000)]


class Profile(msgspec.Struct, frozen=True):
    """What is left out stays."""

    name: Text | None = None
    locale: Text | None = None
    zone: Text | None = None


class Appointments(msgspec.Struct, frozen=True):
    items: list[Appointment]


@get("/me", responses=answers(401), tags=["Account"], needs="self")
async def me(request: Asked) -> Me:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.me(tx, actor)


@patch("/me", responses=answers(401, 422), tags=["Account"], needs="self")
async def change_me(request: Asked, data: JSONBody[Profile]) -> Me:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.change_profile(tx, actor, name=data.name, locale=data.locale, zone=data.zone)


@get("/me/appointments", responses=answers(401), tags=["Account"], needs="self")
async def my_appointments(request: Asked) -> Appointments:
    """All visits of the person who asks, at every clinic, latest first."""
    return Appointments(await visits_of(request))


routes = [me, change_me, my_appointments]
