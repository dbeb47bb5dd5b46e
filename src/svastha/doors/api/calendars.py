"""Calendar subscriptions: one's own, and those of a clinic and its branches."""

from typing import Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from svastha.domain import calendars, schedule
from svastha.domain.calendars import Feed
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked, House
from svastha.kit.refusals import NotFound


class Feeds(msgspec.Struct, frozen=True):
    items: list[Feed]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``patient``: one's own visits and of those one acts for; ``doctor``: those one is the doctor of, at all
    clinics."""

    kind: Literal["patient", "doctor"]


class ClinicWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``branch_id``: of one branch; left out, of the whole clinic."""

    branch_id: UUID | None = None


class MadeFeed(msgspec.Struct, frozen=True):
    """``url`` is a secret: whoever knows it reads the calendar. It is in this answer and nowhere else."""

    id: UUID
    url: str


def url_of(house: House, secret: str) -> str:
    return f"{house.settings.url}/feeds/{secret}.ics"


@get("/me/feeds", needs="self", responses=answers(401), tags=["Calendars"])
async def feeds(request: Asked) -> Feeds:
    """All that one has made and not revoked, newest first, also those of clinics."""
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return Feeds(await calendars.feeds_of(tx, actor))


@post("/me/feeds", status_code=201, needs="self", responses=answers(401, 404, 409, 422), tags=["Calendars"])
async def make(request: Asked, data: JSONBody[Wish]) -> MadeFeed:
    """Make a subscription for a calendar program, which reads it without signing in."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_control(house) as tx:
        made = await calendars.make_feed(tx, actor, data.kind)
    return MadeFeed(made.id, url_of(house, made.secret))


@delete("/me/feeds/{feed_id:uuid}", needs="self", responses=answers(401, 404), tags=["Calendars"])
async def revoke(request: Asked, feed_id: FromPath[UUID]) -> None:
    """Nobody reads it from this moment."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await calendars.revoke_feed(tx, actor, feed_id)


@get("/clinics/{clinic:str}/feeds", needs="calendar.share", responses=answers(401, 403, 404), tags=["Calendars"])
async def feeds_of_clinic(request: Asked, clinic: FromPath[str]) -> Feeds:
    """Those of the clinic and its branches, whoever made them, newest first."""
    clinic_id = (await visit.clinic_of(request, clinic)).id
    async with visit.house_of(request).routing.reading_control() as tx:
        return Feeds(await calendars.feeds_of_clinic(tx, clinic_id))


@post(
    "/clinics/{clinic:str}/feeds",
    status_code=201,
    needs="calendar.share",
    responses=answers(401, 403, 404, 409, 422),
    tags=["Calendars"],
)
async def share(request: Asked, clinic: FromPath[str], data: JSONBody[ClinicWish]) -> MadeFeed:
    """Everybody's visits there, without names of patients. It ends when its maker no longer works at the desk."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    clinic_id = (await visit.clinic_of(request, clinic)).id
    if data.branch_id:
        async with visit.to_clinic(house, clinic) as clinic_tx:
            if data.branch_id not in [one.id for one in await schedule.branches(clinic_tx) if not one.closed]:
                raise NotFound
    async with visit.to_control(house) as tx:
        kind: calendars.Kind = "branch" if data.branch_id else "clinic"
        made = await calendars.make_feed(tx, actor, kind, clinic_id=clinic_id, branch_id=data.branch_id)
    return MadeFeed(made.id, url_of(house, made.secret))


@delete(
    "/clinics/{clinic:str}/feeds/{feed_id:uuid}",
    needs="calendar.share",
    responses=answers(401, 403, 404),
    tags=["Calendars"],
)
async def revoke_of_clinic(request: Asked, clinic: FromPath[str], feed_id: FromPath[UUID]) -> None:
    """Nobody reads it from this moment, whoever made it."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        await calendars.revoke_feed(tx, actor, feed_id, clinic_id=clinic_id)


routes = [feeds, make, revoke, feeds_of_clinic, share, revoke_of_clinic]
