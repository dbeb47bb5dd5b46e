"""A doctor's calendar across her clinics: a day, a week, or a list of what comes."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from svastha.domain import accounts, appointments, schedule
from svastha.domain.appointments import Appointment
from svastha.domain.schedule import Exceptional, Holiday, Leave, OpenPiece
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.diary import day_of
from svastha.doors.web.render import page
from svastha.doors.web.week_form import A_DAY, SHORT, Block, side_by_side, window
from svastha.kit import clock
from svastha.kit.db import ClinicRef
from svastha.kit.i18n import N_, zone_words
from svastha.kit.refusals import NotFound

VIEWS = {"day": (1, N_("Day")), "week": (7, N_("Week")), "list": (14, N_("List"))}  # days, words


class At(msgspec.Struct, frozen=True):
    """What one clinic knows of her time."""

    clinic: ClinicRef
    visits: list[Appointment]
    open: list[OpenPiece]
    leaves: list[Leave]
    exceptions: list[Exceptional]
    holidays: list[Holiday]
    branches: dict[str, str]


class Day(msgspec.Struct, frozen=True):
    """A column of the calendar; in words beside it what is not as every week."""

    date: date
    today: bool
    visits: list[Appointment]
    blocks: list[Block]  # of visits
    open: list[Block]
    away: list[Block]
    holidays: list[Holiday]
    exceptions: list[Exceptional]


@get("/doctor/calendar", needs="queue.read")
async def calendar(request: Asked, view: FromQuery[str] = "week") -> Response[Any]:
    """``view``: day, week or list; ``from``: a day in it, today for anything else."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    view = view if view in VIEWS else "week"
    async with house.routing.reading_control() as control:
        slugs = await accounts.workplaces(control, actor, "doctor")
    if not slugs:
        raise NotFound
    places = [(await house.routing.find(slug))[0] for slug in slugs]
    where = clock.zone(places[0].zone)
    chosen = day_of(request.query_params.get("from", ""), where).date
    count, _ = VIEWS[view]
    start = chosen - timedelta(days=chosen.weekday()) if view == "week" else chosen
    found = [await at_clinic(request, place, start, count, where) for place in places]
    days = [day_at(found, start + timedelta(days=n), where) for n in range(count)]
    return await page(
        request,
        "doctor/week.html",
        view=view,
        views=VIEWS,
        short=SHORT,
        chosen=chosen,
        start=start,
        last=start + timedelta(days=count - 1),
        earlier=start - timedelta(days=count),
        later=start + timedelta(days=count),
        days=days,
        hours=window(day.blocks + day.open for day in days),
        leaves=[one for at in found for one in at.leaves if _meets(one.starts_at, one.ends_at, start, count, where)],
        places={place.slug: place for place in places},
        zone=where,
        zone_name=zone_words(where, language_of(request)),
        present=minutes_of(clock.now(), where),
    )


async def at_clinic(request: Asked, place: ClinicRef, start: date, count: int, where: tzinfo) -> At:
    actor = await visit.actor_of(request)
    since, until = midnight(start, where), midnight(start + timedelta(days=count), where)
    async with visit.to_clinic(visit.house_of(request), place.slug) as tx:
        visits = await appointments.day_of_doctor(tx, actor, from_at=since, to_at=until)
        try:
            leaves = await schedule.leaves(tx, actor, actor.account_id)
        except NotFound:  # she has the role, and no hours yet
            return At(place, visits, [], [], [], [], {})
        return At(
            place,
            visits,
            await schedule.open_pieces(tx, [actor.account_id], from_at=since, to_at=until),
            leaves,
            await schedule.exceptions(tx, actor, actor.account_id),
            await schedule.holidays(tx),
            {str(one.id): one.name for one in await schedule.branches(tx)},
        )


def day_at(found: list[At], day: date, where: tzinfo) -> Day:
    visits = sorted(
        (one for at in found for one in at.visits if one.starts_at.astimezone(where).date() == day),
        key=lambda one: (one.starts_at, one.id),
    )
    return Day(
        day,
        day == clock.today(where),
        visits,
        side_by_side(_cut(((one.starts_at, one.ends_at, one) for at in found for one in at.visits), day, where)),
        _joined(_cut(((one.starts_at, one.ends_at, one) for at in found for one in at.open), day, where)),
        _cut(((one.starts_at, one.ends_at, one) for at in found for one in at.leaves), day, where),
        [one for at in found for one in at.holidays if one.day == day],
        [one for at in found for one in at.exceptions if falls_on(one, day)],
    )


def midnight(day: date, where: tzinfo) -> datetime:
    return datetime.combine(day, time(), where).astimezone(UTC)


def minutes_of(at: datetime, where: tzinfo) -> int:
    """By the clock on the wall there, since its midnight."""
    local = at.astimezone(where)
    return local.hour * 60 + local.minute


def _cut(spans: Any, day: date, where: tzinfo) -> list[Block]:
    """Of (from, to, what) the pieces that lie in this day."""
    since, until = midnight(day, where), midnight(day + timedelta(days=1), where)
    return [
        Block(
            minutes_of(starts, where) if starts > since else 0, minutes_of(ends, where) if ends < until else A_DAY, what
        )
        for starts, ends, what in spans
        if starts < until and ends > since
    ]


def _joined(blocks: list[Block]) -> list[Block]:
    """Without the seams between kinds of visit: somebody is there or is not."""
    found: list[Block] = []
    for block in sorted(blocks, key=lambda one: one.start):
        if found and block.start <= found[-1].end:
            found[-1].end = max(found[-1].end, block.end)
        else:
            found.append(block)
    return found


def _meets(starts_at: datetime, ends_at: datetime, start: date, count: int, where: tzinfo) -> bool:
    return starts_at < midnight(start + timedelta(days=count), where) and ends_at > midnight(start, where)


def falls_on(one: Exceptional, day: date) -> bool:
    """As the database says it: a month that lacks the day is left out."""
    if day < one.day or (one.until and day > one.until):
        return False
    apart = (day - one.day).days
    match one.repeats:
        case "once":
            return apart == 0
        case "daily":
            return apart % one.every == 0
        case "weekly":
            return apart % (7 * one.every) == 0
    months = (day.year - one.day.year) * 12 + day.month - one.day.month
    return day.day == one.day.day and months % one.every == 0


routes: list[HTTPRouteHandler] = [calendar]
