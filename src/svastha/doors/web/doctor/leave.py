"""A doctor's leave: what is planned, a form that shows whom it touches before it counts, and taking it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import schedule
from svastha.doors import visit, working_hours
from svastha.doors.visit import Asked
from svastha.doors.web.doctor import whose
from svastha.doors.web.doctor.whose import Form, asked, day_of, form_of, renamed
from svastha.doors.web.render import go, say
from svastha.doors.web.week_form import clock_of
from svastha.doors.working_hours import Away
from svastha.kit.clock import zone
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

PATH = "/c/{clinic:str}/doctors/{doctor_id:uuid}/leave"
TAKEN = say("leave_taken", N_("The leave is noted. Nothing is offered in it, and whoever was booked is asked."))
ENDED = say("leave_ended", N_("The leave is taken back. These hours are offered again."))
NAMES = {"from": "from_day", "starts": "from_day", "to": "to_day", "ends": "to_day"}


@get(PATH, needs="schedule.read")
async def leave(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    return await _page(request, clinic, doctor_id, {})


@post(PATH, needs="schedule.except")
async def take(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    """``do``: look at whom it touches, go back to the form, or save it."""
    form = await form_of(request)
    typed = asked(form)
    if typed.get("do") not in ("look", "save"):
        return await _page(request, clinic, doctor_id, typed)
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            known = await whose.around(tx, actor, doctor_id)
        away = away_of(typed, known.doctor.zone)
        if typed["do"] == "save":
            await working_hours.take_leave(request, clinic, doctor_id, away, key=typed.get("key") or str(uuid7()))
            return go(request, f"/c/{clinic}/doctors/{doctor_id}/leave", flash=TAKEN)
        found = await working_hours.preview_leave(request, clinic, doctor_id, away)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, doctor_id, typed, renamed(refusal, lambda field: NAMES.get(field, field)))
    return await _look(request, clinic, known, form, away, found)


def away_of(typed: dict[str, str], zone_name: str) -> Away:
    """Whole days, or with times; without a last day it is the first. Raises Invalid."""
    ends = []
    for day, at in (("from_day", "from_time"), ("to_day", "to_time")):
        chosen = day_of(typed.get(day) or typed.get("from_day", ""), day)
        text = typed.get(at, "")
        clock = clock_of(text)
        if text and clock is None:
            raise Invalid(FieldError(at, N_("Give a time, such as 09:30.")))
        ends.append(datetime.combine(chosen, clock, zone(zone_name)).isoformat() if clock else chosen.isoformat())
    return Away(ends[0], ends[1], typed.get("note", ""))


@post(f"{PATH}/{{leave_id:uuid}}/end", needs="schedule.except")
async def end(
    request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID], leave_id: FromPath[UUID]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await schedule.end_leave(tx, actor, doctor_id, leave_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, doctor_id, {}, refusal)
    return go(request, f"/c/{clinic}/doctors/{doctor_id}/leave", flash=ENDED)


async def _page(
    request: Asked, clinic: str, doctor_id: UUID, typed: dict[str, str], refusal: Refusal | None = None
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        known = await whose.around(tx, actor, doctor_id)
        planned = await schedule.leaves(tx, actor, doctor_id)
    return await whose.show(
        request,
        "doctor/leave.html",
        await visit.clinic_of(request, clinic),
        "leave",
        known,
        refusal=refusal,
        leaves=planned,
        typed=typed,
    )


async def _look(
    request: Asked, clinic: str, known: whose.Around, form: Form, away: Away, found: schedule.Affected
) -> Response[Any]:
    return await whose.show(
        request,
        "doctor/leave_look.html",
        await visit.clinic_of(request, clinic),
        "leave",
        known,
        form=form,
        key=str(uuid7()),
        away=away,
        ends=[datetime.fromisoformat(one) for one in (away.from_at, away.to_at)],
        times=whose.times_of(found),
        visits=found.visits,
        patients=len({one.patient_id for one in found.visits}),
    )


routes: list[HTTPRouteHandler] = [leave, take, end]
