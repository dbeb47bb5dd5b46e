"""The week of a doctor at a clinic: typed row by row, looked at before it counts, and then set."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from svastha.domain import accounts, schedule
from svastha.domain.schedule import MODES, Availability, AvailabilityChanged, Break, Hours
from svastha.doors import visit, working_hours
from svastha.doors.visit import Asked
from svastha.doors.web import week_form
from svastha.doors.web.doctor import whose
from svastha.doors.web.doctor.whose import Around, Form, first, form_of
from svastha.doors.web.ids import uuid_of
from svastha.doors.web.render import go, page, say
from svastha.doors.web.week_form import Typed, line_of, typed_of
from svastha.doors.working_hours import Week
from svastha.kit import clock
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

PATH = "/c/{clinic:str}/doctors/{doctor_id:uuid}/availability"
SAVED = say("week_saved", N_("Saved. From now on these hours are offered."))


@get([f"/doctor/{tab}" for tab, _ in whose.TABS], needs="queue.read")
async def mine(request: Asked, clinic: FromQuery[str] = "") -> Response[Any]:
    """Her own pages, at the clinic she names or the first she works at."""
    actor, tab = await visit.actor_of(request), request.url.path.rpartition("/")[2]
    async with visit.house_of(request).routing.reading_control() as control:
        slugs = await accounts.workplaces(control, actor, "doctor")
    if not slugs or (clinic and clinic not in slugs):
        raise NotFound
    return go(request, f"/c/{clinic or slugs[0]}/doctors/{actor.account_id}/{tab}")


@get("/c/{clinic:str}/doctors", needs="schedule.read")
async def doctors(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    """Everybody who practises here, for the desk; a doctor finds herself."""
    place, actor = await visit.clinic_of(request, clinic), await visit.actor_of(request)
    if not actor.runs_desk_of(place.id):
        return go(request, f"/c/{clinic}/doctors/{actor.account_id}/availability")
    rows = []
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        for one in await schedule.practitioners(tx):
            now = await schedule.availability(tx, actor, one.doctor_id)
            open_now = week_form.minutes_open(now.hours, now.breaks)
            away = await schedule.leaves(tx, actor, one.doctor_id)
            rows.append((one, [week_form.pieces(day) for day in open_now], sum(map(len, open_now)), away[:1]))
    return await page(
        request,
        "doctor/everybody.html",
        clinic=place,
        rows=rows,
        weekdays=week_form.SHORT,
        whole_days=whose.whole_days(clock.zone(place.zone)),
    )


@get(PATH, needs="schedule.read")
async def week(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    return await _editor(request, clinic, doctor_id)


@post(PATH, needs="schedule.edit")
async def change(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    """``do``: add, drop or copy rows, draw the picture, look at what a change would do, go back to it, or save it."""
    form = await form_of(request)
    do = first(form, "do")
    typed = typed_of(form, do)
    if do not in ("look", "save"):
        return await _editor(request, clinic, doctor_id, typed, version=first(form, "version"), do=do)
    try:
        new = week_of(typed)
        if do == "save":
            await working_hours.set_availability(request, clinic, doctor_id, new, if_version=_number(form))
            return go(request, f"/c/{clinic}/doctors/{doctor_id}/availability", flash=SAVED)
        return await _preview(request, clinic, doctor_id, new, form)
    except NotFound:
        raise
    except Refusal as refusal:
        if isinstance(refusal, AvailabilityChanged) and await _is_so(request, clinic, doctor_id, new):
            return go(request, f"/c/{clinic}/doctors/{doctor_id}/availability", flash=SAVED)  # sent twice
        return await _editor(request, clinic, doctor_id, typed, version=first(form, "version"), refusal=refusal)


def week_of(typed: Typed) -> Week:
    """Raises Invalid for what are no times, kinds or places."""
    wrong: list[FieldError] = []
    hours, breaks = [], []
    for n, line in enumerate(typed.hours):
        times = week_form.times_of(line, f"hours.{n}")
        branch = uuid_of(line.branch)
        rooms = [uuid_of(one) for one in line.resources]
        if isinstance(times, list):
            wrong += times
        elif line.branch and branch is None:
            wrong.append(FieldError(f"hours.{n}.branch_id", N_("Choose from the list.")))
        elif None in rooms:
            wrong.append(FieldError(f"hours.{n}.resources", N_("Choose from the list.")))
        else:
            modes = tuple(mode for mode in MODES if mode in line.modes)
            hours.append(Hours(line.weekday, *times, modes, branch, tuple(room for room in rooms if room)))
    for n, line in enumerate(typed.breaks):
        times = week_form.times_of(line, f"breaks.{n}")
        if isinstance(times, list):
            wrong += times
        else:
            breaks.append(Break(line.weekday, *times))
    if wrong:
        raise Invalid(*wrong)
    return Week(hours, breaks)


def _number(form: Form) -> int:
    text = first(form, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


async def _known(request: Asked, clinic: str, doctor_id: UUID) -> tuple[Around, Availability]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await whose.around(tx, actor, doctor_id), await schedule.availability(tx, actor, doctor_id)


async def _is_so(request: Asked, clinic: str, doctor_id: UUID, new: Week) -> bool:
    """Is the week already as somebody wants it?"""
    _, now = await _known(request, clinic, doctor_id)
    return all(
        {line_of(row) for row in is_now} == {line_of(row) for row in wanted}
        for is_now, wanted in ((now.hours, new.hours), (now.breaks, new.breaks))
    )


async def _editor(
    request: Asked,
    clinic: str,
    doctor_id: UUID,
    typed: Typed | None = None,
    *,
    version: str = "",
    do: str = "",
    refusal: Refusal | None = None,
) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    known, now = await _known(request, clinic, doctor_id)
    stale = isinstance(refusal, AvailabilityChanged)
    typed = typed or Typed([line_of(row) for row in now.hours], [line_of(row) for row in now.breaks])
    drawn = drawn_of(typed)
    return await whose.show(
        request,
        "doctor/availability.html",
        place,
        "availability",
        known,
        refusal=refusal,
        now_saved=drawn_of(Typed([line_of(row) for row in now.hours], [line_of(row) for row in now.breaks]))
        if stale
        else None,
        typed=typed,
        days=drawn,
        hours=week_form.window(drawn),
        opened_days=opened_by(do),
        version=str(now.version) if stale or not version else version,
        weekdays=week_form.WEEKDAYS,
        short=week_form.SHORT,
    )


def opened_by(do: str) -> set[int]:
    """The day whose rows a button has just worked on."""
    match = re.fullmatch(r"add \w+ ([1-7])|drop \w+-([1-7])-\d+", do)
    return {int(match[1] or match[2])} if match else set()


def drawn_of(typed: Typed) -> list[list[week_form.Block]]:
    """Rows that have two times, as a picture; each block knows its row."""
    lines: list[tuple[int, time, time, Any]] = []
    rows: Sequence[tuple[str, list[week_form.Line]]] = (("hours", typed.hours), ("breaks", typed.breaks))
    for what, some in rows:
        for n, line in enumerate(some):
            times = week_form.times_of(line, what)
            if not isinstance(times, list):
                lines.append((line.weekday, *times, (what, n, line)))
    open_days = week_form.picture([one for one in lines if one[3][0] == "hours"])
    pauses = week_form.picture([one for one in lines if one[3][0] == "breaks"])
    return [
        sorted(opened + paused, key=lambda one: one.start) for opened, paused in zip(open_days, pauses, strict=True)
    ]


class DayOfWeek(msgspec.Struct, frozen=True):
    """What a change does to one weekday: pieces from and to, and minutes."""

    name: str
    before: list[tuple[int, int]]
    after: list[tuple[int, int]]
    gained: int
    lost: int


async def _preview(request: Asked, clinic: str, doctor_id: UUID, new: Week, form: Form) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    known, now = await _known(request, clinic, doctor_id)
    if now.version != _number(form):
        raise AvailabilityChanged(version=now.version)
    found = await working_hours.preview_availability(request, clinic, doctor_id, new)
    before, after = (week_form.minutes_open(one.hours, one.breaks) for one in (now, new))
    return await whose.show(
        request,
        "doctor/availability_look.html",
        place,
        "availability",
        known,
        action="availability",
        form=form,
        week=[
            DayOfWeek(name, week_form.pieces(was), week_form.pieces(will), len(will - was), len(was - will))
            for name, was, will in zip(week_form.WEEKDAYS, before, after, strict=True)
        ],
        times=whose.times_of(found),
        visits=found.visits,
    )


routes: list[HTTPRouteHandler] = [mine, doctors, week, change]
