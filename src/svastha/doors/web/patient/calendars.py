"""Calendar subscriptions: made here, shown once, revoked here."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from msgspec import Meta

from svastha.domain import calendars, clinics, schedule
from svastha.domain.clinics import Clinic
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, Refusal

FEED_REVOKED = say("feed_revoked", N_("The subscription is revoked. Nobody can read it any more."))


class Wish(msgspec.Struct, frozen=True):
    """``what``: ``patient``, ``doctor``, or ``clinic/slug`` and ``clinic/slug/branch``."""

    what: Annotated[str, Meta(max_length=200)] = ""


class Offered(msgspec.Struct, frozen=True):
    what: str
    clinic: str = ""
    branch: str = ""


@get("/calendars", needs="self")
async def calendars_page(request: Asked) -> Response[Any]:
    return await _page(request)


async def _page(request: Asked, refusal: Refusal | None = None) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with house.routing.reading_control() as tx:
        feeds = await calendars.feeds_of(tx, actor)
    shared = await _shared(request)
    async with house.routing.reading_control() as tx:
        theirs = [one for place in shared for one in await calendars.feeds_of_clinic(tx, place.id)]
    branches = {place.slug: await _branches(request, place) for place in shared}
    offered = [Offered("patient"), *([Offered("doctor")] if "doctor" in actor.roles else [])]
    for place in shared:
        offered.append(Offered(f"clinic/{place.slug}", place.name))
        offered += [Offered(f"clinic/{place.slug}/{id}", place.name, name) for id, name in branches[place.slug].items()]
    return await page(
        request,
        "patient/calendars.html",
        refusal=refusal,
        feeds=feeds,
        others=[one for one in theirs if one.id not in {mine.id for mine in feeds}],
        offered=offered,
        names={place.slug: place.name for place in shared},
        branches={str(id): name for found in branches.values() for id, name in found.items()},
    )


async def _shared(request: Asked) -> list[Clinic]:
    """Where she may share the calendar."""
    actor = await visit.actor_of(request)
    if not actor.may("calendar.share"):
        return []
    async with visit.house_of(request).routing.reading_control() as tx:
        return [place for place in await clinics.placed(tx) if actor.may("calendar.share", place.id)]


async def _branches(request: Asked, place: Clinic) -> dict[UUID, str]:
    async with visit.to_clinic(visit.house_of(request), place.slug) as tx:
        return {one.id: one.name for one in await schedule.branches(tx) if not one.closed}


@post("/calendars", needs="self")
async def make(request: Asked, data: URLEncodedBody[Wish]) -> Response[Any]:
    """The only time the address is shown: the page is kept nowhere."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    try:
        kind, clinic_id, branch_id = await _meant(request, data.what)
        async with visit.to_control(house) as tx:
            made = await calendars.make_feed(tx, actor, kind, clinic_id=clinic_id, branch_id=branch_id)
    except Refusal as refusal:
        return await _page(request, refusal)
    return await page(
        request, "patient/calendar_made.html", kind=kind, url=f"{house.settings.url}/feeds/{made.secret}.ics"
    )


async def _meant(request: Asked, what: str) -> tuple[calendars.Kind, UUID | None, UUID | None]:
    if what == "patient":
        return "patient", None, None
    if what == "doctor":
        return "doctor", None, None
    _, _, where = what.partition("clinic/")
    slug, _, branch = where.partition("/")
    for place in await _shared(request):
        if place.slug == slug:
            if not branch:
                return "clinic", place.id, None
            for id in await _branches(request, place):
                if str(id) == branch:
                    return "branch", place.id, id
    raise Invalid(FieldError("what", N_("Choose one of these.")))


@post("/calendars/{feed_id:uuid}/revoke", needs="self")
async def revoke(request: Asked, feed_id: FromPath[UUID]) -> Response[Any]:
    """Her own, or one of a clinic where she may share the calendar."""
    actor = await visit.actor_of(request)
    shared = await _shared(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        theirs = {one.id: place.id for place in shared for one in await calendars.feeds_of_clinic(tx, place.id)}
        await calendars.revoke_feed(tx, actor, feed_id, clinic_id=theirs.get(feed_id))
    return go(request, "/calendars", flash=FEED_REVOKED)


routes: list[HTTPRouteHandler] = [calendars_page, make, revoke]
