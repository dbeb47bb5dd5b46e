"""Who looked at my record."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from svastha.domain.accounts import ROLES
from svastha.doors import family, visit
from svastha.doors.audit_search import Look, looks
from svastha.doors.visit import Asked
from svastha.doors.web.audit_words import KINDS
from svastha.doors.web.render import page, zone_of


class Visitor(msgspec.Struct, frozen=True):
    """What one person looked at on one day at one clinic."""

    at: datetime
    name: str
    roles: list[str]
    clinic: str
    what: list[str]
    why: list[str]
    outside: bool
    times: int


@get("/record/seen", needs="self")
async def seen(request: Asked, patient: FromQuery[UUID | None] = None, cursor: FromQuery[str] = "") -> Response[Any]:
    """One's own record, or that of a patient one acts for."""
    found = await looks(request, patient_id=patient, cursor=cursor, limit=200)
    name = await _name_of(request, patient) if patient else None
    where = zone_of(request, await visit.actor_of(request))
    of = {"patient": str(patient)} if patient else {}
    following = f"/record/seen?{urlencode({**of, 'cursor': found.next_cursor})}" if found.next_cursor else None
    return await page(
        request,
        "patient/seen.html",
        visitors=list(by_day(found.items, where)),
        kinds=KINDS,
        roles=ROLES | {"api_key": KINDS["api_key"]},
        next_url=following,
        name=name,
    )


async def _name_of(request: Asked, patient_id: UUID) -> str:
    places = await family.everywhere(request, trace=False)
    return next((one.name for place in places for one in place.dependants if one.patient_id == patient_id), "")


def by_day(items: list[Look], where: tzinfo) -> Iterable[Visitor]:
    """A page that shows five things notes five; a person reads that as one look."""
    for _, day in groupby(items, key=lambda look: look.at.astimezone(where).date()):
        people: dict[tuple[str, str], list[Look]] = {}
        for look in day:
            people.setdefault((look.clinic, look.name), []).append(look)
        for (_clinic, name), same in people.items():
            yield Visitor(
                same[0].at,
                name,
                same[0].roles,
                same[0].clinic_name,
                list(dict.fromkeys(look.what for look in same)),
                list(dict.fromkeys(look.why for look in same if look.why and not _outside(look))),
                any(_outside(look) for look in same),
                len({look.at for look in same}),
            )


def _outside(look: Look) -> bool:
    """Outside the care relation: what is noted then names the opening, where the reason is kept."""
    return (look.why or "").startswith(("glass broken ", "opening "))


routes: list[HTTPRouteHandler] = [seen]
