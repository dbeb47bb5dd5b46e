"""Where a clinic works: its branches with their hours, and the rooms and devices of each."""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody

from svastha.domain import schedule
from svastha.domain.schedule import Branch, BranchHours, Resource, ResourceKind
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web import week_form
from svastha.doors.web.admin.house import show
from svastha.doors.web.doctor.whose import Form, first, form_of, times_of
from svastha.doors.web.render import go, say
from svastha.doors.web.week_form import Typed, line_of, typed_of
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

PATH = "/c/{clinic:str}/branches"
SAVED = say("branch_saved", N_("Saved."))
CLOSED = say("branch_closed", N_("The branch is closed for good."))
ADDED = say("resource_added", N_("Added. Choose it in the hours of a doctor."))
RETIRED = say("resource_retired", N_("It is booked no more."))
KINDS: dict[ResourceKind, str] = {
    "room": N_("Room"),
    "therapy_room": N_("Therapy room"),
    "equipment": N_("Device"),
}


class NewResource(msgspec.Struct, frozen=True):
    kind: str = "room"
    name: str = ""


@get(PATH, needs="clinic.hours")
async def branches(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        known, resources = await schedule.branches(tx), await schedule.resources(tx)
    return await show(
        request,
        "admin/branches.html",
        place,
        branches=[(one, week_of(one), [r for r in resources if r.branch_id == one.id]) for one in known],
        weekdays=week_form.SHORT,
        kinds=KINDS,
    )


def week_of(one: Branch) -> list[list[BranchHours]]:
    return [[row for row in one.hours if row.weekday == day] for day in range(1, 8)]


@get(f"{PATH}/new", needs="clinic.hours")
async def new(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    return await _editor(request, clinic, None, {}, Typed([], []))


@post(PATH, needs="clinic.hours")
async def make(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    actor, form = await visit.actor_of(request), await form_of(request)
    typed = typed_of(form, first(form, "do"))
    if first(form, "do") not in ("look", "save"):
        return await _editor(request, clinic, None, form, typed)
    try:
        hours = hours_of(typed)
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            made = await schedule.open_branch(
                tx, actor, name=first(form, "name"), address=first(form, "address"), hours=hours
            )
    except Refusal as refusal:
        return await _editor(request, clinic, None, form, typed, refusal)
    return go(request, f"/c/{clinic}/branches/{made.id}", flash=SAVED)


@get(f"{PATH}/{{branch_id:uuid}}", needs="clinic.hours")
async def branch(request: Asked, clinic: FromPath[str], branch_id: FromPath[UUID]) -> Response[Any]:
    return await _editor(request, clinic, branch_id)


@post(f"{PATH}/{{branch_id:uuid}}", needs="clinic.hours")
async def change(request: Asked, clinic: FromPath[str], branch_id: FromPath[UUID]) -> Response[Any]:
    """``do``: add, drop or copy rows, look at whom the change touches, go back to it, or save it."""
    place, actor, form = await visit.clinic_of(request, clinic), await visit.actor_of(request), await form_of(request)
    do = first(form, "do")
    typed = typed_of(form, do)
    if do not in ("look", "save"):
        return await _editor(request, clinic, branch_id, form, typed)
    found = None
    try:
        name, address, hours = first(form, "name"), first(form, "address"), hours_of(typed)

        async def change_it(tx: ClinicTx) -> Branch:
            return await schedule.change_branch(tx, actor, branch_id, name=name, address=address, hours=hours)

        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            was, _ = await _find(tx, branch_id)
            if do == "look" and hours != was.hours:
                everybody = {one.doctor_id: one.name for one in await schedule.practitioners(tx)}
                found = await schedule.affected(tx, actor, list(everybody), partial(change_it, tx))
            if found is None or not (found.days or found.visits):
                await change_it(tx)
                return go(request, f"/c/{clinic}/branches/{branch_id}", flash=SAVED)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _editor(request, clinic, branch_id, form, typed, refusal)
    return await show(
        request,
        "admin/house_look.html",
        place,
        here_at="branches",
        title=first(form, "name"),
        day=None,
        action=f"/c/{clinic}/branches/{branch_id}",
        form=form,
        names=everybody,
        times=times_of(found),
        visits=[(one, everybody.get(one.doctor_id, "")) for one in found.visits],
    )


def hours_of(typed: Typed) -> list[BranchHours]:
    """Raises Invalid."""
    wrong: list[FieldError] = []
    found = []
    for n, line in enumerate(typed.hours):
        times = week_form.times_of(line, f"hours.{n}")
        if isinstance(times, list):
            wrong += times
        else:
            found.append(BranchHours(line.weekday, *times))
    if wrong:
        raise Invalid(*wrong)
    return sorted(found, key=lambda one: (one.weekday, one.opens))


@post(f"{PATH}/{{branch_id:uuid}}/close", needs="clinic.hours")
async def close(request: Asked, clinic: FromPath[str], branch_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await schedule.close_branch(tx, actor, branch_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _editor(request, clinic, branch_id, refusal=refusal)
    return go(request, f"/c/{clinic}/branches", flash=CLOSED)


@post(f"{PATH}/{{branch_id:uuid}}/resources", needs="clinic.hours")
async def add_resource(
    request: Asked, clinic: FromPath[str], branch_id: FromPath[UUID], data: URLEncodedBody[NewResource]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        if data.kind not in KINDS:
            raise Invalid(FieldError("kind", N_("Choose from the list.")))
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            kind = msgspec.convert(data.kind, ResourceKind)
            await _find(tx, branch_id)
            await schedule.add_resource(tx, actor, branch_id=branch_id, kind=kind, name=data.name)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _editor(request, clinic, branch_id, refusal=refusal, resource=data)
    return go(request, f"/c/{clinic}/branches/{branch_id}", flash=ADDED)


@post(f"{PATH}/{{branch_id:uuid}}/resources/{{resource_id:uuid}}/retire", needs="clinic.hours")
async def retire(
    request: Asked, clinic: FromPath[str], branch_id: FromPath[UUID], resource_id: FromPath[UUID]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await schedule.retire_resource(tx, actor, resource_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _editor(request, clinic, branch_id, refusal=refusal)
    return go(request, f"/c/{clinic}/branches/{branch_id}", flash=RETIRED)


async def _find(tx: ClinicTx, branch_id: UUID) -> tuple[Branch, list[Resource]]:
    for one in await schedule.branches(tx):
        if one.id == branch_id:
            return one, [r for r in await schedule.resources(tx) if r.branch_id == branch_id]
    raise NotFound


async def _editor(
    request: Asked,
    clinic: str,
    branch_id: UUID | None,
    form: Form | None = None,
    typed: Typed | None = None,
    refusal: Refusal | None = None,
    resource: NewResource | None = None,
) -> Response[Any]:
    """The form as it was sent, or as the branch is."""
    place = await visit.clinic_of(request, clinic)
    one: Branch | None = None
    rooms: list[Resource] = []
    if branch_id:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            one, rooms = await _find(tx, branch_id)
    typed = typed or Typed([line_of(row) for row in one.hours] if one else [], [])
    return await show(
        request,
        "admin/branch.html",
        place,
        refusal=refusal,
        one=one,
        rooms=rooms,
        kinds=KINDS,
        name=first(form, "name") if form is not None else one.name if one else "",
        address=first(form, "address") if form is not None else one.address if one else "",
        typed=typed,
        weekdays=week_form.WEEKDAYS,
        short=week_form.SHORT,
        resource=resource or NewResource(),
        new_resource=resource is not None,
    )


routes: list[HTTPRouteHandler] = [branches, new, make, branch, change, close, add_resource, retire]
