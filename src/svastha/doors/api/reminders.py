"""Which reminders of visits one wants."""

from typing import Annotated

import msgspec
from litestar import get, put
from litestar.params import JSONBody
from msgspec import Meta

from svastha.domain import notifications
from svastha.domain.notifications import Reminders
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked

Name = Annotated[str, Meta(max_length=20)]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``wanted``: `day` for those a day before, `hour` for about an hour, `minutes` for the last half hour; none if
    empty. ``channel``: `whatsapp`, `sms` or `email`; null for the way other messages come."""

    wanted: Annotated[list[Name], Meta(max_length=3)]
    channel: Name | None = None


@get("/me/reminders", needs="self", responses=answers(401), tags=["Account"])
async def reminders(request: Asked) -> Reminders:
    """Which reminders come before a visit, at every clinic, and by which channel."""
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return await notifications.reminders_of(tx, actor.account_id)


@put("/me/reminders", needs="self", responses=answers(401, 422), tags=["Account"])
async def choose(request: Asked, data: JSONBody[Wanted]) -> Reminders:
    """Choose them. To name `whatsapp` is to agree to messages there."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await notifications.choose_reminders(tx, actor, data.wanted, data.channel)


routes = [reminders, choose]
