"""What was done, as its readers see it: entries with the names of the people in them. For pages and programs alike."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.di import Provide
from litestar.params import FromQuery, QueryParameter

from svastha.domain import audit, patients
from svastha.domain.audit import Entry, Wish
from svastha.doors import visit
from svastha.doors.instants import instant
from svastha.doors.remembered import clinics_of
from svastha.doors.visit import Asked, House
from svastha.kit.clock import zone
from svastha.kit.db import ControlTx, Tx
from svastha.kit.pages import Cursors
from svastha.kit.refusals import NotFound

CHUNK = 500


class Named(msgspec.Struct, frozen=True):
    """``roles``: those held here now or earlier."""

    id: UUID
    name: str
    roles: list[str] = []


class Line(msgspec.Struct, frozen=True):
    """``people``: all who stand in a list that was read. A name is empty where nobody has it any more."""

    id: UUID
    at: datetime
    who: Named | None
    whose: Named | None
    people: list[Named]
    action: str
    subject_kind: str
    subject_id: str
    why: str | None
    came_from: str | None
    device: str | None
    request_id: str | None


class Found(msgspec.Struct, frozen=True):
    """Latest first; ``next_cursor`` is null on the last page."""

    items: list[Line]
    next_cursor: str | None


class Asking(msgspec.Struct, frozen=True):
    """As typed. ``person`` and ``patient``: part of a name, or an id. ``since``, ``until``: RFC 3339, or a day."""

    person: str = ""
    patient: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    cursor: str = ""
    limit: int = 50


async def _asking(
    person: FromQuery[str] = "",
    patient: FromQuery[str] = "",
    action: FromQuery[str] = "",
    since: Annotated[str, QueryParameter(name="from", description="RFC 3339, or a day.")] = "",
    until: Annotated[str, QueryParameter(name="to", description="The same, to the end of a day.")] = "",
) -> Asking:
    return Asking(person, patient, action, since, until)


FILTERS = {"asking": Provide(_asking)}  # of every door to the audit, as ``asking``


def to(house: House, place: str | None) -> AbstractAsyncContextManager[Tx]:
    return visit.to_clinic(house, place) if place else visit.to_control(house)


async def found(request: Asked, place: str | None, asking: Asking, *, kind: str = "audit") -> Found:
    """One page. ``place`` None: the control database. Raises Invalid, and BadCursor."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    cursors = Cursors(UUID, secret=house.settings.secret, purpose=f"audit {place} {actor.account_id}")
    after = cursors.place(asking.cursor)
    wish = await _wish(house, place, asking)
    async with to(house, place) as tx:
        entries = await audit.search(tx, actor.account_id, wish, after=after, limit=asking.limit + 1, kind=kind)
    shown, following = cursors.page(entries, asking.limit, lambda entry: entry.id)
    return Found(await named(house, place, shown), following)


async def everything(request: Asked, place: str | None, asking: Asking) -> AsyncIterator[Line]:
    """All that was asked for, page after page; noted once as an export."""
    kind = "export"
    while True:
        page = await found(request, place, msgspec.structs.replace(asking, limit=CHUNK), kind=kind)
        for line in page.items:
            yield line
        if page.next_cursor is None:
            return
        asking = msgspec.structs.replace(asking, cursor=page.next_cursor)
        kind = "export continued"


async def _wish(house: House, place: str | None, asking: Asking) -> Wish:
    ref = (await house.routing.find(place))[0] if place else None
    where = zone(ref.zone if ref else "Asia/Kolkata")
    who = people = None
    if asking.person.strip() or (asking.patient.strip() and not place):
        async with house.routing.reading_control() as control:
            clinic_id = ref.id if ref else None
            who = await _those(control, asking.person, clinic_id)
            people = None if place else await _those(control, asking.patient, None)
    if asking.patient.strip() and place:
        whose = _id(asking.patient)
        people = [whose] if whose else None
        if people is None:
            async with visit.to_clinic(house, place) as tx:
                people = await audit.patients_like(tx, asking.patient.strip())
    return Wish(
        who,
        people,
        asking.action.strip() or None,
        instant("from", asking.since, where) if asking.since.strip() else None,
        instant("to", asking.until, where, days=1) if asking.until.strip() else None,
    )


async def _those(control: ControlTx, text: str, clinic_id: UUID | None) -> list[UUID] | None:
    if not text.strip():
        return None
    id = _id(text)
    return [id] if id else await audit.staff_like(control, text.strip(), clinic_id)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


async def named(house: House, place: str | None, entries: list[Entry]) -> list[Line]:
    ref = (await house.routing.find(place))[0] if place else None
    about = [id for entry in entries for id in (entry.whose, *(entry.people or ()))]
    accounts = [entry.account_id for entry in entries]
    async with house.routing.reading_control() as control:
        staff = await audit.staff(control, accounts if place else [*accounts, *about], ref.id if ref else None)
    patients: dict[UUID, str] = {id: one.name for id, one in staff.items()}
    if place:
        async with visit.to_clinic(house, place) as tx:
            patients = await audit.patients_named(tx, about)

    def who(id: UUID | None) -> Named | None:
        if id is None:
            return None
        known = staff.get(id)
        return Named(id, known.name if known else "", known.roles if known else [])

    def whose(id: UUID) -> Named:
        return Named(id, patients.get(id, ""))

    return [
        Line(
            entry.id,
            entry.at,
            who(entry.account_id),
            whose(entry.whose) if entry.whose else None,
            [whose(id) for id in entry.people or ()],
            entry.action,
            entry.subject_kind,
            entry.subject_id,
            entry.why,
            entry.came_from,
            entry.device,
            entry.request_id,
        )
        for entry in entries
    ]


class Look(msgspec.Struct, frozen=True):
    """Somebody looked at the record of the person who asks."""

    id: UUID
    at: datetime
    clinic: str
    clinic_name: str
    name: str
    roles: list[str]
    action: str
    what: str
    why: str | None


class Looks(msgspec.Struct, frozen=True):
    """Latest first, of all clinics; ``next_cursor`` is null on the last page."""

    items: list[Look]
    next_cursor: str | None


async def looks(request: Asked, *, patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Looks:
    """Who looked at the record of the person who asks, at every clinic that knows her; or of a patient she acts for.
    Raises NotFound for any other."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    cursors = Cursors(UUID, secret=house.settings.secret, purpose=f"seen {actor.account_id} {patient_id or ''}")
    before = cursors.place(cursor)
    items: list[Look] = []
    known = patient_id is None
    slugs = await clinics_of(house, actor)
    for slug in slugs:
        async with visit.to_clinic(house, slug) as tx:
            name = tx.clinic.name
            whose = await patients.in_care(tx, actor, patient_id)
            if not whose:
                continue
            known = True
            entries = await audit.seen(tx, actor.account_id, whose, before=before, limit=limit + 1)
            guardians = await patients.guardian_accounts(tx, whose)
        for line in await named(house, slug, entries) if entries else []:
            assert line.who
            roles = [role for role in line.who.roles if role != "patient"]
            roles += ["guardian"] * (line.who.id in guardians)
            items.append(
                Look(line.id, line.at, slug, name, line.who.name, roles, line.action, line.subject_kind, line.why)
            )
    if not known:
        raise NotFound
    items.sort(key=lambda look: look.id, reverse=True)
    return Looks(*cursors.page(items, limit, lambda look: look.id))


def plain(line: Line) -> dict[str, Any]:
    """One row of a table."""
    return {
        "id": str(line.id),
        "at": line.at.isoformat(),
        "who": str(line.who.id) if line.who else "",
        "who_name": line.who.name if line.who else "",
        "whose": str(line.whose.id) if line.whose else "",
        "whose_name": line.whose.name if line.whose else "",
        "people": " ".join(str(one.id) for one in line.people),
        "action": line.action,
        "subject_kind": line.subject_kind,
        "subject_id": line.subject_id,
        "why": line.why or "",
        "came_from": line.came_from or "",
        "device": line.device or "",
        "request_id": line.request_id or "",
    }
