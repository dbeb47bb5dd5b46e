"""By which channels one wants to be reached: three choices in their order, which needs no script."""

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

CHANNELS_SAVED = say("channels_saved", N_("Saved. The next code comes this way."))


class Order(msgspec.Struct, frozen=True):
    channels: str = ""  # the first; a refusal names this field
    second: str = ""
    third: str = ""
    all_at_once: str = ""


@get("/security/channels", needs="self")
async def channels_page(request: Asked) -> Response[Any]:
    more = await _known(request)
    first, second, third = [*more["wants"].channels, "", "", ""][:3]
    form = Order(first, second, third, "1" if more["wants"].all_at_once else "")
    return await page(request, "patient/channels.html", form=form, **more)


async def _known(request: Asked) -> dict[str, Any]:
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return {
            "wants": await notifications.preferences_of(tx, actor.account_id),
            "mail": actor.email,
            "number": actor.phone,
        }


@post("/security/channels", needs="self")
async def choose(request: Asked, data: URLEncodedBody[Order]) -> Response[Any]:
    actor = await visit.actor_of(request)
    wanted = [one for one in (data.channels, data.second, data.third) if one]
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await notifications.prefer(tx, actor, wanted, all_at_once=bool(data.all_at_once))
    except Refusal as refusal:
        return await page(request, "patient/channels.html", refusal=refusal, form=data, **await _known(request))
    return go(request, "/security/channels", flash=CHANNELS_SAVED)


routes = [channels_page, choose]
