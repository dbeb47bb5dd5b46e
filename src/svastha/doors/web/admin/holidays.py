"""Days on which a clinic, or one of its branches, is closed."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from svastha.domain import schedule
from svastha.doors import visit, working_hours
from svastha.doors.visit import Asked
from svastha.doors.web import week_form
from svastha.doors.web.admin.house import show
from svastha.doors.web.doctor.whose import asked, day_of, form_of, times_of
from svastha.doors.web.ids import uuid_of
from svastha.doors.web.render import go, say
from svastha.kit import clock
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

PATH = "/c/{clinic:str}/holidays"
ADDED = say("holiday_added", N_("Saved. Nothing is offered on this day any more."))
REMOVED = say("holiday_removed", N_("Removed. The day is like any other again."))


@get(PATH, needs="clinic.hours")
async def holidays(request: Asked, clinic: FromPath[str], year: FromQuery[str] = "") -> Response[Any]:
    return await _page(request, clinic, {"year": year})


@post(PATH, needs="clinic.hours")
async def add(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    """``do``: look at whom it touches, go back to the form, or save it."""
    place, actor, form = await visit.clinic_of(request, clinic), await visit.actor_of(request), await form_of(request)
    typed = asked(form)
    if typed.get("do") not in ("look", "save"):
        return await _page(request, clinic, typed)
    try:
        day, branch_id = day_of(typed.get("day", ""), "day"), uuid_of(typed.get("branch", ""))
        if typed.get("branch") and branch_id is None:
            raise Invalid(FieldError("branch_id", N_("Choose from the list.")))
        name = typed.get("name", "")
        if typed["do"] == "save":
            async with visit.to_clinic(visit.house_of(request), clinic) as tx:
                await schedule.add_holiday(tx, actor, day=day, name=name, branch_id=branch_id)
            return go(request, f"/c/{clinic}/holidays?year={day.year}", flash=ADDED)
        found = await working_hours.preview_holiday(request, clinic, day=day, name=name, branch_id=branch_id)
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            everybody = {one.doctor_id: one.name for one in await schedule.practitioners(tx)}
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, typed, refusal)
    return await show(
        request,
        "admin/house_look.html",
        place,
        here_at="holidays",
        title=name,
        day=day,
        action=f"/c/{clinic}/holidays",
        form=form,
        names=everybody,
        times=times_of(found),
        visits=[(one, everybody.get(one.doctor_id, "")) for one in found.visits],
    )


@post(f"{PATH}/{{holiday_id:uuid}}/remove", needs="clinic.hours")
async def remove(request: Asked, clinic: FromPath[str], holiday_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await schedule.remove_holiday(tx, actor, holiday_id)
    return go(request, f"/c/{clinic}/holidays", flash=REMOVED)


async def _page(request: Asked, clinic: str, typed: dict[str, str], refusal: Refusal | None = None) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        known, branches = await schedule.holidays(tx), await schedule.branches(tx)
    this_year = clock.today(clock.zone(place.zone)).year
    years = sorted({this_year, this_year + 1, *(one.day.year for one in known)})
    year = typed.get("year", "")
    chosen = int(year) if year in map(str, years) else this_year
    return await show(
        request,
        "admin/holidays.html",
        place,
        refusal=refusal,
        years=years,
        year=chosen,
        holidays=[one for one in known if one.day.year == chosen],
        branches=[(str(one.id), one.name) for one in branches if not one.closed],
        branch_names={one.id: one.name for one in branches},
        short=week_form.SHORT,
        typed=typed,
    )


routes: list[HTTPRouteHandler] = [holidays, add, remove]
