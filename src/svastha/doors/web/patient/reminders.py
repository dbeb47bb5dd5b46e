"""Which reminders of visits one wants, by which channel."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import URLEncodedBody

from svastha.domain import notifications
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

SAVED = say("reminders_saved", N_("Saved. It counts from the next reminder on."))


class Choice(msgspec.Struct, frozen=True):
    day: str = ""
    hour: str = ""
    minutes: str = ""
    channel: str = ""


@get("/settings/reminders", needs="self")
async def reminders_page(request: Asked) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        found = await notifications.reminders_of(tx, actor.account_id)
    ticks = dict.fromkeys(found.wanted, "1")
    form = Choice(**ticks, channel=found.channel or "")
    return await page(request, "patient/reminders.html", form=form, number=actor.phone)


@post("/settings/reminders", needs="self")
async def choose(request: Asked, data: URLEncodedBody[Choice]) -> Response[Any]:
    actor = await visit.actor_of(request)
    wanted = [name for name in notifications.DISTANCES if getattr(data, name)]
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await notifications.choose_reminders(tx, actor, wanted, data.channel or None)
    except Refusal as refusal:
        return await page(request, "patient/reminders.html", refusal=refusal, form=data, number=actor.phone)
    return go(request, "/settings/reminders", flash=SAVED)


routes = [reminders_page, choose]
