"""What comes next for a patient, and what has been."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, URLEncodedBody

from svastha.domain import accounts, clinics
from svastha.domain.appointments import Appointment
from svastha.doors import visit
from svastha.doors.refused import LANG
from svastha.doors.visit import Asked
from svastha.doors.visits_of import visits_of
from svastha.doors.web.render import go, page, say
from svastha.doors.web.shown import Person, Shown
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

RECENT = 8
SAVED = say("settings_saved", N_("Saved."))


class Settings(msgspec.Struct, frozen=True):
    name: str = ""
    locale: str = ""
    zone: str = ""


@get("/home", needs="self")
async def home(request: Asked, past: FromQuery[str] = "") -> Response[Any]:
    house = visit.house_of(request)
    found = [of_patient(one) for one in await visits_of(request)]
    coming = sorted((one for one in found if one.coming), key=lambda one: one.starts_at)
    gone = [one for one in found if not one.coming]
    booked = [one for one in coming if one.status != "held"]
    async with house.routing.reading_control() as control:
        places = {place.slug: place for place in await clinics.every(control)}
    return await page(
        request,
        "patient/home.html",
        held=[one for one in coming if one.status == "held"],
        next=booked[0] if booked else None,
        coming=booked[1:],
        past=gone if past == "all" else gone[:RECENT],
        more=len(gone) > RECENT and past != "all",
        places=places,
    )


def of_patient(one: Appointment) -> Shown:
    return Shown(
        one.id,
        one.clinic,
        one.doctor_id,
        Person(one.doctor_name),
        Person(one.patient_name),
        one.starts_at,
        one.ends_at,
        one.mode,
        one.status,
        one.fee_paise,
        hold_expires_at=one.hold_expires_at,
        placed=one.placed,
        kind=one.kind,
        as_guardian=one.as_guardian,
    )


@get("/settings", needs="self")
async def settings_page(request: Asked) -> Response[Any]:
    actor = await visit.actor_of(request)
    return await _settings(request, Settings(actor.name, actor.locale, actor.zone))


@post("/settings", needs="self")
async def change_settings(request: Asked, data: URLEncodedBody[Settings]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_control(visit.house_of(request)) as tx:
            await accounts.change_profile(tx, actor, name=data.name, locale=data.locale, zone=data.zone)
    except Refusal as refusal:
        return await _settings(request, data, refusal)
    answer = go(request, "/settings", flash=SAVED)
    answer.set_cookie(LANG, data.locale, max_age=365 * 24 * 3600, secure=True, httponly=True, samesite="lax", path="/")
    return answer


async def _settings(request: Asked, form: Settings, refusal: Refusal | None = None) -> Response[Any]:
    actor = await visit.actor_of(request)
    return await page(
        request,
        "patient/settings.html",
        refusal=refusal,
        form=form,
        email=actor.email,
        zones=[(name, name.replace("_", " ")) for name in _zones()],
    )


@cache
def _zones() -> list[str]:
    """Of places, not of offsets."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


routes: list[HTTPRouteHandler] = [home, settings_page, change_settings]
