"""A doctor and her free times, day by day in the reader's zone. The form under them holds one."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

from babel.dates import format_date
from litestar import Response, get
from litestar.params import FromPath

from svastha.domain import directory, patients, schedule
from svastha.domain.directory import DoctorCard, ListedClinic, ListedMode
from svastha.domain.schedule import FreeTime
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.public.find import day_named, named
from svastha.doors.web.render import page, zone_of
from svastha.kit import clock
from svastha.kit.i18n import N_, zone_words

AHEAD = 14  # days that are shown
NEVER = datetime.max.replace(tzinfo=UTC)


class Choice(NamedTuple):
    """A kind of visit at one of her clinics."""

    clinic: ListedClinic
    mode: ListedMode


class Day(NamedTuple):
    date: date
    noon: datetime
    weekday: str
    times: list[FreeTime]
    today: bool


class Part(NamedTuple):
    icon: str
    name: str
    begins: int  # hour
    times: list[FreeTime]


PARTS = (("sun", N_("Morning"), 0), ("sun", N_("Afternoon"), 12), ("moon", N_("Evening"), 17))


@get("/doctors/{doctor_id:uuid}", needs="public")
async def doctor(request: Asked, doctor_id: FromPath[UUID]) -> Response[Any]:
    asked, house, lang = request.query_params, visit.house_of(request), language_of(request)
    where = zone_of(request, await visit.asker(request))
    async with visit.to_control(house) as tx:
        found = await directory.doctor(tx, doctor_id)
        languages = named(await directory.languages(tx), lang)
    choice = chosen(found, asked.get("clinic", ""), asked.get("mode", ""))
    times: list[FreeTime] = []
    dependants: list[tuple[str, str]] = []
    if choice:
        asker = await visit.asker(request)
        async with visit.to_clinic(house, choice.clinic.slug) as clinic:
            times = await schedule.free_times(
                clinic,
                [doctor_id],
                from_at=clock.now(),
                to_at=until(where),
                mode=choice.mode.mode,
                patient=await patients.of(clinic, asker),
            )
            if asker:
                dependants = [(str(one.patient_id), one.name) for one in await patients.dependants(clinic, asker)]
    return await page(
        request,
        "public/doctor.html",
        doctor=found,
        languages=languages,
        choice=choice,
        dependants=dependants,
        **laid_out(times, asked.get("day", ""), where, lang),
        clinic_zone_words=zone_words(clock.zone(choice.clinic.zone), lang) if choice else "",
    )


def chosen(doctor: DoctorCard, clinic: str, mode: str) -> Choice | None:
    """The one asked for; where the address leaves it open, the one that can be had soonest."""
    offered = [Choice(place, offer) for place in doctor.clinics for offer in place.modes]
    fits = [one for one in offered if clinic in ("", one.clinic.slug) and mode in ("", one.mode.mode)]
    return min(fits or offered, key=lambda one: one.mode.next_free_at or NEVER, default=None)


def until(where: tzinfo) -> datetime:
    """The end of the days that are shown."""
    return datetime.combine(clock.today(where) + timedelta(AHEAD), time(), where)


def laid_out(times: Iterable[FreeTime], asked: str, where: tzinfo, lang: str) -> dict[str, Any]:
    """``days``, the ``day`` asked for with its ``parts``, and whose clock it is: what ``slots.html`` shows."""
    days = by_day(times, clock.today(where), where, lang)
    day = day_of(days, day_named(asked))
    return {
        "days": days,
        "day": day,
        "parts": parts_of(day.times, where) if day else [],
        "zone_words": zone_words(where, lang),
    }


def by_day(times: Iterable[FreeTime], today: date, where: tzinfo, lang: str) -> list[Day]:
    days = [today + timedelta(ahead) for ahead in range(AHEAD)]
    found: dict[date, list[FreeTime]] = {day: [] for day in days}
    for free in times:
        found[free.starts_at.astimezone(where).date()].append(free)
    return [
        Day(day, datetime.combine(day, time(12), where), format_date(day, "EEE", locale=lang), found[day], day == today)
        for day in days
    ]


def day_of(days: list[Day], asked: str) -> Day | None:
    """The day asked for, if it is one of these; else the first with something free; else the first."""
    wanted = [day for day in days if day.date.isoformat() == asked]
    free = [day for day in days if day.times]
    return next(iter(wanted or free or days), None)


def parts_of(times: Iterable[FreeTime], where: tzinfo) -> list[Part]:
    parts = [Part(*part, []) for part in PARTS]
    for free in times:
        hour = free.starts_at.astimezone(where).hour
        [part for part in parts if part.begins <= hour][-1].times.append(free)
    return [part for part in parts if part.times]


routes = [doctor]
