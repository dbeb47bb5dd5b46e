"""Days of a doctor that are different from her week: closed or with extra hours, once or again and again."""

from typing import Any, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import schedule
from svastha.domain.schedule import MODES, Repeats
from svastha.doors import visit, working_hours
from svastha.doors.visit import Asked
from svastha.doors.web.doctor import whose
from svastha.doors.web.doctor.whose import Form, day_of, first, form_of, number_of
from svastha.doors.web.ids import uuid_of
from svastha.doors.web.render import go, say
from svastha.doors.web.week_form import Line, clock_of
from svastha.doors.working_hours import NewException
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

PATH = "/c/{clinic:str}/doctors/{doctor_id:uuid}/exceptions"
ADDED = say("exception_added", N_("Saved. The day is different from now on."))
REMOVED = say("exception_removed", N_("Removed. The week counts again."))
REPEATS = {
    "once": N_("On this day alone"),
    "daily": N_("Every few days"),
    "weekly": N_("Every few weeks"),
    "monthly": N_("Every few months"),
}


@get(PATH, needs="schedule.read")
async def exceptions(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    return await _page(request, clinic, doctor_id, {})


@post(PATH, needs="schedule.except")
async def add(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    """``do``: look at whom it touches, go back to the form, or save it."""
    form = await form_of(request)
    do = first(form, "do")
    if do not in ("look", "save"):
        return await _page(request, clinic, doctor_id, form)
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            known = await whose.around(tx, actor, doctor_id)
        new = exception_of(form)
        if do == "save":
            key = first(form, "key") or str(uuid7())
            await working_hours.add_exception(request, clinic, doctor_id, new, key=key)
            return go(request, f"/c/{clinic}/doctors/{doctor_id}/exceptions", flash=ADDED)
        found = await working_hours.preview_exception(request, clinic, doctor_id, new)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, doctor_id, form, refusal)
    return await whose.show(
        request,
        "doctor/exceptions_look.html",
        await visit.clinic_of(request, clinic),
        "exceptions",
        known,
        form=form,
        key=str(uuid7()),
        one=new,
        repeats=REPEATS,
        times=whose.times_of(found),
        visits=found.visits,
    )


@post(f"{PATH}/{{exception_id:uuid}}/remove", needs="schedule.except")
async def remove(
    request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID], exception_id: FromPath[UUID]
) -> Response[Any]:
    try:
        await working_hours.remove_exception(request, clinic, doctor_id, exception_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, doctor_id, {}, refusal)
    return go(request, f"/c/{clinic}/doctors/{doctor_id}/exceptions", flash=REMOVED)


def exception_of(form: Form) -> NewException:
    """Raises Invalid for what cannot be read; whether it makes sense is for the schedule to say."""
    closed, repeats = first(form, "what") != "extra", first(form, "repeats") or "once"
    clocks = {part: clock_of(first(form, part)) for part in ("opens", "closes")}
    wrong = [
        FieldError(part, N_("Give a time, such as 09:30."))
        for part, at in clocks.items()
        if first(form, part) and at is None
    ]
    branch = uuid_of(first(form, "branch"))
    rooms = [uuid_of(one) for one in form.get("resources", [])]
    if first(form, "branch") and branch is None:
        wrong.append(FieldError("branch_id", N_("Choose from the list.")))
    if None in rooms:
        wrong.append(FieldError("resources", N_("Choose from the list.")))
    if repeats not in get_args(Repeats):
        wrong.append(FieldError("repeats", N_("Choose from the list.")))
    if wrong:
        raise Invalid(*wrong)
    day, again = day_of(first(form, "day"), "day"), repeats != "once"
    return NewException(
        day,
        closed,
        clocks["opens"],
        clocks["closes"],
        [mode for mode in MODES if mode in form.get("modes", [])],
        msgspec.convert(repeats, Repeats),
        (number_of(first(form, "every"), "every") or 1) if again else 1,
        day_of(first(form, "until"), "until") if again and first(form, "until") else None,
        None if closed else branch,
        [] if closed else [room for room in rooms if room],
        first(form, "note"),
    )


async def _page(
    request: Asked, clinic: str, doctor_id: UUID, form: Form, refusal: Refusal | None = None
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        known = await whose.around(tx, actor, doctor_id)
        days = await schedule.exceptions(tx, actor, doctor_id)
    return await whose.show(
        request,
        "doctor/exceptions.html",
        await visit.clinic_of(request, clinic),
        "exceptions",
        known,
        refusal=refusal,
        days=days,
        form=form,
        typed=whose.asked(form),
        line=Line(
            1,
            first(form, "opens"),
            first(form, "closes"),
            tuple(form.get("modes", known.modes if not form else [])),
            first(form, "branch"),
            tuple(form.get("resources", [])),
        ),
        repeats=REPEATS,
    )


routes: list[HTTPRouteHandler] = [exceptions, add, remove]
