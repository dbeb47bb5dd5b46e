"""The clinic's own time and places: branches, rooms, holidays, and the rules of the house."""

from datetime import date, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import schedule
from svastha.domain.accounts import Actor
from svastha.domain.schedule import Affected, Branch, BranchHours, Holiday, HouseRules, Resource, ResourceKind
from svastha.doors import visit, working_hours
from svastha.doors.api.appointments import REPLAYED, IdempotencyKey
from svastha.doors.api.availability import BreakOf as WeekdayHours
from svastha.doors.api.availability import Clock
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked
from svastha.kit.db import ClinicTx

TAGS = ["Clinic"]
Name = Annotated[str, Meta(max_length=80)]
Minutes = Annotated[int, Meta(ge=0, le=20_160)]


class NewBranch(msgspec.Struct, frozen=True):
    """``hours``: none means open at any time; a break is the gap between two of them."""

    name: Name
    address: Annotated[str, Meta(max_length=300)] = ""
    hours: list[WeekdayHours] = []


class BranchOf(NewBranch, frozen=True, kw_only=True):
    """``closed``: for good."""

    id: UUID
    closed: bool


class Branches(msgspec.Struct, frozen=True):
    items: list[BranchOf]


class NewResource(msgspec.Struct, frozen=True):
    branch_id: UUID
    kind: ResourceKind
    name: Name


class Resources(msgspec.Struct, frozen=True):
    items: list[Resource]


class NewHoliday(msgspec.Struct, frozen=True):
    """Without ``branch_id`` the whole clinic is closed."""

    day: date
    name: Name
    branch_id: UUID | None = None


class Holidays(msgspec.Struct, frozen=True):
    items: list[Holiday]


class Rules(msgspec.Struct, frozen=True):
    """How a clinic goes about time. ``late_rule``: who comes more than ``late_after_minutes`` late keeps her place,
    goes ``after`` the next ``late_places`` people, or to the end."""

    booking: Literal["instant", "requested"]
    answer_within_minutes: Minutes
    late_after_minutes: Minutes
    late_rule: Literal["keep", "after", "end"]
    late_places: int
    remind_before_minutes: list[Minutes]
    quiet_from: Clock
    quiet_until: Clock
    offer_minutes: int


@get("/clinics/{clinic:str}/branches", responses=answers(401, 403, 404), tags=TAGS, needs="schedule.read")
async def branches(request: Asked, clinic: FromPath[str]) -> Branches:
    """Those that are closed for good come last."""
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Branches([_branch(one) for one in await schedule.branches(tx)])


@post(
    "/clinics/{clinic:str}/branches",
    status_code=201,
    responses=answers(401, 403, 404, 409, 422),
    response_headers=REPLAYED,
    tags=TAGS,
    needs="clinic.hours",
)
async def open_branch(
    request: Asked, clinic: FromPath[str], data: JSONBody[NewBranch], idempotency_key: IdempotencyKey = None
) -> Response[BranchOf]:
    async def verb(tx: ClinicTx, actor: Actor) -> BranchOf:
        return _branch(await schedule.open_branch(tx, actor, name=data.name, address=data.address, hours=_hours(data)))

    return await visit.once(request, clinic, 201, verb)


@put(
    "/clinics/{clinic:str}/branches/{branch_id:uuid}",
    responses=answers(401, 403, 404, 409, 422),
    tags=TAGS,
    needs="clinic.hours",
)
async def change_branch(
    request: Asked, clinic: FromPath[str], branch_id: FromPath[UUID], data: JSONBody[NewBranch]
) -> BranchOf:
    """Name, address and hours as a whole. Whoever works there is offered within its hours alone."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _branch(
            await schedule.change_branch(tx, actor, branch_id, name=data.name, address=data.address, hours=_hours(data))
        )


@delete(
    "/clinics/{clinic:str}/branches/{branch_id:uuid}",
    responses=answers(401, 403, 404, 409),
    tags=TAGS,
    needs="clinic.hours",
)
async def close_branch(request: Asked, clinic: FromPath[str], branch_id: FromPath[UUID]) -> None:
    """For good. A 409 `branch_in_use` names the doctors who still have hours there."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await schedule.close_branch(tx, actor, branch_id)


@get("/clinics/{clinic:str}/resources", responses=answers(401, 403, 404), tags=TAGS, needs="schedule.read")
async def resources(request: Asked, clinic: FromPath[str]) -> Resources:
    """Rooms and devices; those that are no longer used come last."""
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Resources(await schedule.resources(tx))


@post(
    "/clinics/{clinic:str}/resources",
    status_code=201,
    responses=answers(401, 403, 404, 409, 422),
    response_headers=REPLAYED,
    tags=TAGS,
    needs="clinic.hours",
)
async def add_resource(
    request: Asked, clinic: FromPath[str], data: JSONBody[NewResource], idempotency_key: IdempotencyKey = None
) -> Response[Resource]:
    async def verb(tx: ClinicTx, actor: Actor) -> Resource:
        return await schedule.add_resource(tx, actor, branch_id=data.branch_id, kind=data.kind, name=data.name)

    return await visit.once(request, clinic, 201, verb)


@delete(
    "/clinics/{clinic:str}/resources/{resource_id:uuid}",
    responses=answers(401, 403, 404, 409),
    tags=TAGS,
    needs="clinic.hours",
)
async def retire_resource(request: Asked, clinic: FromPath[str], resource_id: FromPath[UUID]) -> None:
    """It is booked no more; visits that have it keep it. A 409 `resource_in_use` names the doctors who need it."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await schedule.retire_resource(tx, actor, resource_id)


@get("/clinics/{clinic:str}/holidays", responses=answers(401, 403, 404), tags=TAGS, needs="schedule.read")
async def holidays(request: Asked, clinic: FromPath[str]) -> Holidays:
    """Those to come, in order."""
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Holidays(await schedule.holidays(tx))


@post(
    "/clinics/{clinic:str}/holidays",
    status_code=201,
    responses=answers(401, 403, 404, 409, 422),
    response_headers=REPLAYED,
    tags=TAGS,
    needs="clinic.hours",
)
async def add_holiday(
    request: Asked, clinic: FromPath[str], data: JSONBody[NewHoliday], idempotency_key: IdempotencyKey = None
) -> Response[Holiday]:
    """Nothing is offered on this day; what is booked on it stays."""

    async def verb(tx: ClinicTx, actor: Actor) -> Holiday:
        return await schedule.add_holiday(tx, actor, day=data.day, name=data.name, branch_id=data.branch_id)

    return await visit.once(request, clinic, 201, verb)


@post(
    "/clinics/{clinic:str}/holidays/preview",
    status_code=200,
    responses=answers(401, 403, 404, 409, 422),
    tags=TAGS,
    needs="clinic.hours",
)
async def preview_holiday(request: Asked, clinic: FromPath[str], data: JSONBody[NewHoliday]) -> Affected:
    """What would no longer be offered, and whose visits would lie in it. Nothing is written."""
    return await working_hours.preview_holiday(request, clinic, day=data.day, name=data.name, branch_id=data.branch_id)


@delete(
    "/clinics/{clinic:str}/holidays/{holiday_id:uuid}",
    responses=answers(401, 403, 404),
    tags=TAGS,
    needs="clinic.hours",
)
async def remove_holiday(request: Asked, clinic: FromPath[str], holiday_id: FromPath[UUID]) -> None:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await schedule.remove_holiday(tx, actor, holiday_id)


@get("/clinics/{clinic:str}/rules", responses=answers(401, 403, 404), tags=TAGS, needs="schedule.read")
async def rules(request: Asked, clinic: FromPath[str]) -> Rules:
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _rules(await schedule.house_rules(tx))


@put("/clinics/{clinic:str}/rules", responses=answers(401, 403, 404, 422), tags=TAGS, needs="clinic.hours")
async def set_rules(request: Asked, clinic: FromPath[str], data: JSONBody[Rules]) -> Rules:
    """All of them, from now on; what was booked or offered before goes by what was said then."""
    actor = await visit.actor_of(request)
    wanted = HouseRules(
        data.booking,
        timedelta(minutes=data.answer_within_minutes),
        timedelta(minutes=data.late_after_minutes),
        data.late_rule,
        data.late_places,
        tuple(timedelta(minutes=before) for before in data.remind_before_minutes),
        time.fromisoformat(data.quiet_from),
        time.fromisoformat(data.quiet_until),
        data.offer_minutes,
    )
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _rules(await schedule.set_house_rules(tx, actor, wanted))


def _hours(data: NewBranch) -> list[BranchHours]:
    return [BranchHours(h.weekday, time.fromisoformat(h.opens), time.fromisoformat(h.closes)) for h in data.hours]


def _branch(one: Branch) -> BranchOf:
    hours = [WeekdayHours(h.weekday, f"{h.opens:%H:%M}", f"{h.closes:%H:%M}") for h in one.hours]
    return BranchOf(one.name, one.address, hours, id=one.id, closed=one.closed)


def _rules(found: HouseRules) -> Rules:
    a_minute = timedelta(minutes=1)
    return Rules(
        found.booking,
        found.answer_within // a_minute,
        found.late_after // a_minute,
        found.late_rule,
        found.late_places,
        [before // a_minute for before in found.remind_before],
        f"{found.quiet_from:%H:%M}",
        f"{found.quiet_until:%H:%M}",
        found.offer_minutes,
    )


routes = [
    branches,
    open_branch,
    change_branch,
    close_branch,
    resources,
    add_resource,
    retire_resource,
    holidays,
    add_holiday,
    preview_holiday,
    remove_holiday,
    rules,
    set_rules,
]
