"""When a doctor can be seen: her week, and days that are different."""

from datetime import date, time, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import schedule
from svastha.domain.schedule import MODES, Affected, Break, Exceptional, Hours, Mode, Offer, Repeats
from svastha.doors import versions, visit, working_hours
from svastha.doors.api.appointments import REPLAYED, IdempotencyKey
from svastha.doors.api.problems import answers
from svastha.doors.versions import VERSIONED, IfMatch
from svastha.doors.visit import Asked
from svastha.doors.working_hours import NewException, Week

TAGS = ["Availability"]
Clock = Annotated[
    str,
    Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$", description="Wall-clock time in the zone of the doctor."),
]
Note = Annotated[str, Meta(max_length=200, description="For those who work here.")]


class HoursOf(msgspec.Struct, frozen=True):
    """``weekday``: 1 is Monday. Closing at or before opening means on the next day. ``branch_id``: where she is then;
    ``resources``: rooms and devices of that branch that are booked with her."""

    weekday: int
    opens: Clock
    closes: Clock
    modes: list[Mode]
    branch_id: UUID | None = None
    resources: list[UUID] = []


class BreakOf(msgspec.Struct, frozen=True):
    weekday: int
    opens: Clock
    closes: Clock


class OfferOf(msgspec.Struct, frozen=True):
    """``every_minutes``: from one beginning to the next, else as long as a visit, its buffers and the way. ``areas``:
    PIN codes of home visits, or their first digits. ``travel_minutes``: each way."""

    mode: Mode
    minutes: int
    fee_paise: int
    every_minutes: int | None = None
    before_minutes: int = 0
    after_minutes: int = 0
    travel_minutes: int = 0
    areas: list[str] = []
    notice_minutes: int | None = None
    horizon_days: int | None = None
    daily_max: int | None = None


class NewWeek(msgspec.Struct, frozen=True):
    """``offers`` and ``zone`` (an IANA name): left out or null, they stay as they are."""

    hours: list[HoursOf]
    breaks: list[BreakOf] = []
    offers: list[OfferOf] | None = None
    zone: Annotated[str, Meta(max_length=60)] | None = None


class AvailabilityOf(msgspec.Struct, frozen=True):
    doctor_id: UUID
    name: str
    zone: str
    hours: list[HoursOf]
    breaks: list[BreakOf]
    offers: list[OfferOf]
    version: int


class ExceptionOf(msgspec.Struct, frozen=True):
    """``closed`` between two times, or without them the whole day; or else extra hours beyond the week. ``every`` 2
    with ``weekly``: every other week. ``until``: the last day it may fall on. A month without the day is left out."""

    day: date
    closed: bool
    opens: Clock | None = None
    closes: Clock | None = None
    modes: tuple[Mode, ...] = MODES
    repeats: Repeats = "once"
    every: int = 1
    until: date | None = None
    branch_id: UUID | None = None
    resources: list[UUID] = []
    note: Note = ""


class KnownException(ExceptionOf, frozen=True, kw_only=True):
    id: UUID


class Exceptions(msgspec.Struct, frozen=True):
    items: list[KnownException]


@get(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/availability",
    responses=answers(401, 403, 404),
    response_headers=VERSIONED,
    tags=TAGS,
    needs="schedule.read",
)
async def availability(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[AvailabilityOf]:
    """Her week and what she offers: for herself, and for those who work at the desk or run the clinic."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _versioned(await schedule.availability(tx, actor, doctor_id))


@put(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/availability",
    responses=answers(401, 403, 404, 409, 412, 422, 428),
    response_headers=VERSIONED,
    tags=TAGS,
    needs="schedule.edit",
)
async def set_availability(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromPath[UUID],
    data: JSONBody[NewWeek],
    if_match: IfMatch = None,
) -> Response[AvailabilityOf]:
    """Replace the week as a whole. `If-Match` is required; a 412 carries the newer `version`. What is booked stays.
    A 409 `works_elsewhere` says at which other clinic she works then."""
    version = versions.expected(if_match)
    return _versioned(await working_hours.set_availability(request, clinic, doctor_id, _week(data), if_version=version))


@post(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/availability/preview",
    status_code=200,
    responses=answers(401, 403, 404, 409, 422),
    tags=TAGS,
    needs="schedule.edit",
)
async def preview_availability(
    request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID], data: JSONBody[NewWeek]
) -> Affected:
    """What would change, and whose visits would no longer lie in open hours. Nothing is written."""
    return await working_hours.preview_availability(request, clinic, doctor_id, _week(data))


@get(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/exceptions",
    responses=answers(401, 403, 404),
    tags=TAGS,
    needs="schedule.read",
)
async def exceptions(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Exceptions:
    """Those that are not over, in order of their first day."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Exceptions([_shown(one) for one in await schedule.exceptions(tx, actor, doctor_id)])


@post(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/exceptions",
    status_code=201,
    responses=answers(401, 403, 404, 409, 422),
    response_headers=REPLAYED,
    tags=TAGS,
    needs="schedule.except",
)
async def add_exception(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromPath[UUID],
    data: JSONBody[ExceptionOf],
    idempotency_key: IdempotencyKey = None,
) -> Response[KnownException]:
    """Close some time, or open extra hours; what is booked stays. A 409 `works_elsewhere` as for the week."""
    return await working_hours.add_exception(request, clinic, doctor_id, _wanted(data), shown=_shown)


@post(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/exceptions/preview",
    status_code=200,
    responses=answers(401, 403, 404, 409, 422),
    tags=TAGS,
    needs="schedule.except",
)
async def preview_exception(
    request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID], data: JSONBody[ExceptionOf]
) -> Affected:
    """What would change, and whose visits would no longer lie in open hours. Nothing is written."""
    return await working_hours.preview_exception(request, clinic, doctor_id, _wanted(data))


@delete(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/exceptions/{exception_id:uuid}",
    responses=answers(401, 403, 404, 409),
    tags=TAGS,
    needs="schedule.except",
)
async def remove_exception(
    request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID], exception_id: FromPath[UUID]
) -> None:
    """The week counts again. A 409 `works_elsewhere` if she works at another clinic by now."""
    await working_hours.remove_exception(request, clinic, doctor_id, exception_id)


def _versioned(found: schedule.Availability) -> Response[AvailabilityOf]:
    shown = AvailabilityOf(
        found.doctor_id,
        found.name,
        found.zone,
        [
            HoursOf(h.weekday, _clock(h.opens), _clock(h.closes), list(h.modes), h.branch_id, list(h.resources))
            for h in found.hours
        ],
        [BreakOf(b.weekday, _clock(b.opens), _clock(b.closes)) for b in found.breaks],
        [_offered(one) for one in found.offers],
        found.version,
    )
    return Response(shown, headers={"ETag": versions.etag(found.version)})


def _offered(one: Offer) -> OfferOf:
    return OfferOf(
        one.mode,
        one.minutes,
        one.fee_paise,
        one.every_minutes,
        one.before_minutes,
        one.after_minutes,
        one.travel_minutes,
        list(one.areas),
        one.notice // timedelta(minutes=1) if one.notice is not None else None,
        one.horizon // timedelta(days=1) if one.horizon is not None else None,
        one.daily_max,
    )


def _week(data: NewWeek) -> Week:
    return Week(
        [
            Hours(h.weekday, _time(h.opens), _time(h.closes), tuple(h.modes), h.branch_id, tuple(h.resources))
            for h in data.hours
        ],
        [Break(b.weekday, _time(b.opens), _time(b.closes)) for b in data.breaks],
        None if data.offers is None else [_offer(one) for one in data.offers],
        data.zone,
    )


def _offer(one: OfferOf) -> Offer:
    return Offer(
        one.mode,
        one.minutes,
        one.fee_paise,
        one.every_minutes,
        one.before_minutes,
        one.after_minutes,
        one.travel_minutes,
        tuple(one.areas),
        None if one.notice_minutes is None else timedelta(minutes=_bounded(one.notice_minutes)),
        None if one.horizon_days is None else timedelta(days=_bounded(one.horizon_days)),
        one.daily_max,
    )


def _wanted(data: ExceptionOf) -> NewException:
    return msgspec.convert(msgspec.to_builtins(data) | _times(data), NewException)


def _times(data: ExceptionOf) -> dict[str, Any]:
    return {
        "opens": None if data.opens is None else _time(data.opens),
        "closes": None if data.closes is None else _time(data.closes),
    }


def _shown(one: Exceptional) -> KnownException:
    clocks = {name: None if at is None else _clock(at) for name, at in (("opens", one.opens), ("closes", one.closes))}
    return msgspec.convert(msgspec.structs.asdict(one) | clocks, KnownException)


def _bounded(number: int) -> int:
    """What is refused as too large all the same, before arithmetic breaks on it."""
    return max(-1, min(number, 1_000_000))


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _time(text: str) -> time:
    return time.fromisoformat(text)


routes = [
    availability,
    set_availability,
    preview_availability,
    exceptions,
    add_exception,
    preview_exception,
    remove_exception,
]
