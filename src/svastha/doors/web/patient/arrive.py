"""I am here: said at the clinic's door, by the patient or who acts for her."""

import hmac
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from svastha.domain import appointments, clinics, queue
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.patient.home import of_patient
from svastha.doors.web.render import go, page, say
from svastha.kit import clock
from svastha.kit.crypto import sign
from svastha.kit.db import ClinicRef, ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import NotFound, Refusal

HERE = say("arrived_by_qr", N_("Thank you. The clinic knows that you are here."))
EXPECTED = ("confirmed", "no_show")  # who was missed and comes after all is late like others


class Arrival(msgspec.Struct, frozen=True):
    at: str
    visit_id: UUID


def door_of(place: ClinicRef, secret: str) -> str:
    """What the sheet at this clinic's door says, and nobody can make up."""
    return sign(secret, f"the door of {place.id}", 1)


@get("/c/{clinic:str}/arrive", needs="visit.move")
async def arrive_page(request: Asked, clinic: FromPath[str], at: FromQuery[str] = "") -> Response[Any]:
    return await _page(request, clinic, at)


@post("/c/{clinic:str}/arrive", needs="visit.move")
async def arrive(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Arrival]) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    await _door(request, clinic, data.at)
    try:
        async with visit.to_clinic(house, clinic) as tx:
            today, _ = await _hers(tx, actor)
            if data.visit_id not in [one.id for one in today]:
                raise NotFound
            await queue.check_in(tx, actor, data.visit_id, how="qr")
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, data.at, refusal)
    return go(request, f"/c/{clinic}/visits/{data.visit_id}", flash=HERE)


async def _door(request: Asked, clinic: str, at: str) -> None:
    place = await visit.clinic_of(request, clinic)
    if not hmac.compare_digest(at.encode(), door_of(place, visit.house_of(request).settings.secret).encode()):
        raise NotFound


async def _hers(tx: ClinicTx, actor: Actor) -> tuple[list[Appointment], Appointment | None]:
    """Visits of today at the clinic, and the one that comes next."""
    where = clock.zone(tx.clinic.zone)
    today, found = clock.today(where), sorted(await appointments.of_account(tx, actor), key=lambda one: one.starts_at)
    hers = [
        one
        for one in found
        if one.mode == "in_person"
        and one.starts_at.astimezone(where).date() == today
        and one.status in ("requested", "confirmed", "checked_in", "in_progress", "no_show")
    ]
    to_come = [one for one in found if one.starts_at > clock.now() and one.status in ("requested", "confirmed")]
    return hers, next((one for one in to_come if one not in hers), None)


async def _page(request: Asked, clinic: str, at: str, refusal: Refusal | None = None) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    await _door(request, clinic, at)
    async with visit.to_clinic(house, clinic) as tx:
        today, coming = await _hers(tx, actor)
    async with house.routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
    return await page(
        request,
        "patient/arrive.html",
        refusal=refusal,
        clinic=place,
        at=at,
        visits=[of_patient(one) for one in today],
        next=of_patient(coming) if coming else None,
        expected=EXPECTED,
    )


routes: list[HTTPRouteHandler] = [arrive_page, arrive]
