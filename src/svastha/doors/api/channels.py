"""By which channels one wants to be reached."""

from typing import Annotated

import msgspec
from litestar import get, put
from litestar.params import JSONBody
from msgspec import Meta

from svastha.domain import notifications
from svastha.domain.notifications import Preferences
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked

Name = Annotated[str, Meta(max_length=20, description="`whatsapp`, `sms` or `email`.")]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``channels`` best first. ``all_at_once``: codes by all of them, instead of by the next when one fails."""

    channels: Annotated[list[Name], Meta(min_length=1, max_length=3)]
    all_at_once: bool = False


@get("/me/channels", needs="self", responses=answers(401), tags=["Account"])
async def channels(request: Asked) -> Preferences:
    """By which channels codes and messages come, best first, and which ones were turned off by answering STOP."""
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return await notifications.preferences_of(tx, actor.account_id)


@put("/me/channels", needs="self", responses=answers(401, 422), tags=["Account"])
async def choose(request: Asked, data: JSONBody[Wanted]) -> Preferences:
    """Choose them. To name `whatsapp` is to agree to messages there, and to name what STOP turned off turns it on."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await notifications.prefer(tx, actor, data.channels, all_at_once=data.all_at_once)
        return await notifications.preferences_of(tx, actor.account_id)


routes = [channels, choose]
