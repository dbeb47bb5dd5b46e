"""Waiting for a time at a clinic: joining the list, its offers, and who waits for the desk."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from svastha.domain import waiting_list
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.schedule import Mode
from svastha.domain.waiting_list import PARTS, WEEK, Entry, Part, Wish
from svastha.doors import visit
from svastha.doors.api.appointments import REPLAYED, IdempotencyKey
from svastha.doors.api.problems import answers
from svastha.doors.api.replies import LINK, documented, next_page
from svastha.doors.remembered import before_booking, remember_patient
from svastha.doors.visit import Asked
from svastha.kit.db import ClinicTx
from svastha.kit.pages import Cursors

LIST = "/clinics/{clinic:str}/waitlist"
ONE = LIST + "/{entry_id:uuid}"


class NewEntry(msgspec.Struct, frozen=True):
    """Wait for a doctor, or for any doctor of a specialty there, or with neither for anybody there. Days, weekdays
    (1 is Monday) and parts of the day (evening begins at 17, afternoon at 12) are those of the clinic's zone; left out
    they all suit. ``patient_id``: somebody one acts for, or at the desk any patient; left out for oneself."""

    mode: Mode
    first_day: date
    last_day: date
    doctor_id: UUID | None = None
    specialty: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    weekdays: Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(min_length=1, max_length=7)] | None = None
    parts: Annotated[list[Part], Meta(min_length=1, max_length=3)] | None = None
    area: Annotated[str, Meta(max_length=6, description="PIN code of a home visit")] | None = None
    patient_id: UUID | None = None


class Entries(msgspec.Struct, frozen=True):
    items: list[Entry]


class EntriesPage(msgspec.Struct, frozen=True):
    """``next_cursor`` is null on the last page."""

    items: list[Entry]
    next_cursor: str | None


@get(LIST, responses=answers(401, 404), tags=["Waiting list"], needs="visit.book")
async def mine(request: Asked, clinic: FromPath[str]) -> Entries:
    """What one waits for at this clinic oneself, and those one acts for; what has ended for another two weeks."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Entries(await waiting_list.of_account(tx, actor))


@post(
    LIST,
    status_code=201,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Waiting list"],
    needs="visit.book",
)
async def join(
    request: Asked, clinic: FromPath[str], data: JSONBody[NewEntry], idempotency_key: IdempotencyKey = None
) -> Response[Entry]:
    """Join the list. A time that suits is offered to the first in line alone; the offer says until when."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    if data.doctor_id:
        await before_booking(house, actor, clinic, data.doctor_id)
    else:
        await remember_patient(house, actor, clinic)
    fields = msgspec.structs.asdict(data)
    patient_id = fields.pop("patient_id")
    wish = Wish(**fields | {"weekdays": tuple(data.weekdays or WEEK), "parts": tuple(data.parts or PARTS)})

    async def verb(tx: ClinicTx, actor: Actor) -> Entry:
        return await waiting_list.join(tx, actor, wish, patient_id=patient_id)

    return await visit.once(request, clinic, 201, verb, key=idempotency_key or "")


@get(
    LIST + "/desk",
    responses={**documented(EntriesPage, "A page of the list."), **answers(401, 404, 422)},
    response_headers=[LINK],
    tags=["Waiting list"],
    needs="waitlist.run",
)
async def everybody(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=200)] = 50,
) -> Response[EntriesPage]:
    """Everybody who waits, in order of joining; with `doctor_id` for whose time."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    purpose = f"waitlist {clinic} {doctor_id} {actor.account_id}"
    cursors = Cursors(UUID, secret=house.settings.secret, purpose=purpose)
    after = cursors.place(cursor)
    async with visit.to_clinic(house, clinic) as tx:
        found = await waiting_list.everybody(tx, actor, doctor_id=doctor_id, after=after, limit=limit + 1)
    shown, following = cursors.page(found, limit, lambda entry: entry.id)
    return Response(EntriesPage(shown, following), headers=next_page(request, following))


@get(ONE, responses=answers(401, 404), tags=["Waiting list"], needs="visit.book")
async def read(request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID]) -> Entry:
    """The place in line, and what was offered when."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await waiting_list.seen_by(tx, actor, entry_id)


@delete(ONE, responses=answers(401, 404, 409), tags=["Waiting list"], needs="visit.book")
async def leave(request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID]) -> None:
    """Leave the list. What is offered at this moment goes to the next in line."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await waiting_list.leave(tx, actor, entry_id)


@post(
    ONE + "/accept",
    status_code=201,
    responses=answers(401, 404, 409, 422),
    response_headers=REPLAYED,
    tags=["Waiting list"],
    needs="visit.book",
)
async def accept(
    request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[Appointment]:
    """Book the time that is offered."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        entry = await waiting_list.seen_by(tx, actor, entry_id, trace=False)
    if entry.open_offer:
        await before_booking(house, actor, clinic, entry.open_offer.doctor_id)

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await waiting_list.accept(tx, actor, entry_id)

    return await visit.once(request, clinic, 201, verb, key=idempotency_key or "")


@post(ONE + "/decline", status_code=200, responses=answers(401, 404, 409), tags=["Waiting list"], needs="visit.book")
async def decline(request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID]) -> Entry:
    """Say no to the time that is offered; the place in line stays."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await waiting_list.decline(tx, actor, entry_id)


routes = [mine, join, everybody, read, leave, accept, decline]
