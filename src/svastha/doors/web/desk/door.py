"""A sheet for the clinic's door: whoever has a visit today says with her own telephone that she is here."""

from typing import Any

import segno
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.patient.arrive import door_of
from svastha.doors.web.render import page


@get("/c/{clinic:str}/door", needs="desk.read")
async def door(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    house, place = visit.house_of(request), await visit.clinic_of(request, clinic)
    url = f"{house.settings.url}/c/{clinic}/arrive?at={door_of(place, house.settings.secret)}"
    qr = segno.make(url, error="m", micro=False).svg_inline(dark="#000", light="#fff", border=2, omitsize=True)
    return await page(request, "desk/door.html", workplace=place, qr=qr)


routes: list[HTTPRouteHandler] = [door]
