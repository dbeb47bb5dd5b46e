"""The screen on the wall of a waiting room: numbers, no names."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import clinics, queue
from svastha.domain.queue import Shown
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.render import environment, page


@get("/c/{clinic:str}/screen", needs="public")
async def screen(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    house = visit.house_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        shown = await queue.screen(tx)
    async with house.routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
    return await page(request, "public/screen.html", clinic=place, doctors=shown)


def render_screen(request: Asked, clinic: str, shown: list[Shown]) -> str:
    """``<section id="numbers">``: on the page, and again over its stream."""
    template = environment(language_of(request)).get_template("public/numbers.html")
    return template.render(doctors=shown, clinic={"slug": clinic})


routes: list[HTTPRouteHandler] = [screen]
