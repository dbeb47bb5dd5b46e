"""Changes of a doctor's time: written in the clinic, and kept from her other clinics before they count.

The clinic's change is written but not committed, and holds its practitioner, while the control database is asked for
the new hours and commits its answer. That keeps old and new from others; the next publishing makes it exactly what the
clinic has. Should the clinic fail to commit, others are kept from too much until then, which sells nothing twice.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from svastha.domain import directory, schedule
from svastha.domain.accounts import Actor
from svastha.domain.schedule import (
    Affected,
    Availability,
    Break,
    Exceptional,
    Hours,
    Leave,
    Mode,
    Offer,
    Repeats,
    TimesChanged,
)
from svastha.doors import visit
from svastha.doors.instants import instant
from svastha.doors.visit import Asked, House
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import Refusal

A_DAY = timedelta(days=1)


class Week(msgspec.Struct, frozen=True):
    """What is to be in place of a doctor's present week. ``offers`` and ``zone`` None: they stay as they are."""

    hours: Sequence[Hours]
    breaks: Sequence[Break]
    offers: Sequence[Offer] | None = None
    zone: str | None = None


class NewException(msgspec.Struct, frozen=True):
    """See ``schedule.Exceptional``."""

    day: date
    closed: bool
    opens: time | None = None
    closes: time | None = None
    modes: Sequence[Mode] = schedule.MODES
    repeats: Repeats = "once"
    every: int = 1
    until: date | None = None
    branch_id: UUID | None = None
    resources: Sequence[UUID] = ()
    note: str = ""


class Away(msgspec.Struct, frozen=True):
    """Each an instant, or a day in the doctor's zone: from its beginning, to its end."""

    from_at: str
    to_at: str
    note: str = ""


async def set_availability(
    request: Asked, clinic: str, doctor_id: UUID, week: Week, *, if_version: int
) -> Availability:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with _claiming(house, clinic, doctor_id) as claim, visit.to_clinic(house, clinic) as tx:
        saved = await _set(tx, actor, doctor_id, week, if_version=if_version)
        await claim(tx)
    return saved


async def preview_availability(request: Asked, clinic: str, doctor_id: UUID, week: Week) -> Affected:
    async def change(tx: ClinicTx, actor: Actor) -> None:
        present = await schedule.availability(tx, actor, doctor_id)
        await _set(tx, actor, doctor_id, week, if_version=present.version)

    return await _preview(request, clinic, doctor_id, change)


async def _set(tx: ClinicTx, actor: Actor, doctor_id: UUID, week: Week, *, if_version: int) -> Availability:
    return await schedule.set_availability(tx, actor, doctor_id, if_version=if_version, **msgspec.structs.asdict(week))


async def add_exception(
    request: Asked,
    clinic: str,
    doctor_id: UUID,
    wanted: NewException,
    *,
    key: str | None = None,
    shown: Callable[[Exceptional], Any] = lambda added: added,
) -> Response[Any]:
    """Once for each key, which is the header ``Idempotency-Key`` unless it is given. ``shown``: the answer to keep."""
    house = visit.house_of(request)
    async with _claiming(house, clinic, doctor_id) as claim:

        async def add(tx: ClinicTx, actor: Actor) -> Any:
            added = await schedule.add_exception(tx, doctor_id, by=actor, **msgspec.structs.asdict(wanted))
            if not wanted.closed:
                await claim(tx)
            return shown(added)

        return await visit.once(request, clinic, 201, add, key=key)


async def preview_exception(request: Asked, clinic: str, doctor_id: UUID, wanted: NewException) -> Affected:
    async def change(tx: ClinicTx, actor: Actor) -> None:
        await schedule.add_exception(tx, doctor_id, by=actor, **msgspec.structs.asdict(wanted))

    return await _preview(request, clinic, doctor_id, change, opens=not wanted.closed)


async def remove_exception(request: Asked, clinic: str, doctor_id: UUID, exception_id: UUID) -> None:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with _claiming(house, clinic, doctor_id) as claim, visit.to_clinic(house, clinic) as tx:
        if await schedule.remove_exception(tx, actor, doctor_id, exception_id):
            await claim(tx)


async def take_leave(
    request: Asked, clinic: str, doctor_id: UUID, away: Away, *, key: str | None = None
) -> Response[Any]:
    """Once for each key, which is the header ``Idempotency-Key`` unless it is given."""

    async def take(tx: ClinicTx, actor: Actor) -> Leave:
        return await _take(tx, actor, doctor_id, away)

    return await visit.once(request, clinic, 201, take, key=key)


async def preview_leave(request: Asked, clinic: str, doctor_id: UUID, away: Away) -> Affected:
    async def change(tx: ClinicTx, actor: Actor) -> None:
        await _take(tx, actor, doctor_id, away)

    return await _preview(request, clinic, doctor_id, change, opens=False)


async def _take(tx: ClinicTx, actor: Actor, doctor_id: UUID, away: Away) -> Leave:
    where = zone((await schedule.seen_by(tx, actor, doctor_id, "schedule.except")).zone)
    return await schedule.take_leave(
        tx,
        actor,
        doctor_id,
        starts_at=instant("from", away.from_at, where),
        ends_at=instant("to", away.to_at, where, days=1),
        note=away.note,
    )


async def preview_holiday(
    request: Asked, clinic: str, *, day: date, name: str, branch_id: UUID | None = None
) -> Affected:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        doctors = [one.doctor_id for one in await schedule.practitioners(tx)]
        where = zone(tx.clinic.zone)
        around = {"from_at": _midnight(day, where, -1), "to_at": _midnight(day, where, 2)}
        return await schedule.affected(
            tx,
            actor,
            doctors,
            lambda: schedule.add_holiday(tx, actor, day=day, name=name, branch_id=branch_id),
            **around,
        )


def _midnight(day: date, where: Any, days: int) -> datetime | None:
    try:
        return datetime.combine(day + timedelta(days=days), time(), where)
    except OverflowError:  # refused as too far ahead
        return None


async def _preview(
    request: Asked,
    clinic: str,
    doctor_id: UUID,
    change: Callable[[ClinicTx, Actor], Awaitable[None]],
    *,
    opens: bool = True,
) -> Affected:
    """``opens``: the change may open more, so that her other clinics are asked."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:

        async def tried() -> None:
            await change(tx, actor)
            if opens:
                where, rules = await schedule.working_rules(tx, doctor_id)
                async with house.routing.reading_control() as control:
                    await directory.works_elsewhere(
                        control, doctor_id=doctor_id, clinic_id=tx.clinic.id, zone=where, rules=rules
                    )

        await schedule.seen_by(tx, actor, doctor_id, "schedule.read")
        return await schedule.affected(tx, actor, [doctor_id], tried)


@asynccontextmanager
async def _claiming(house: House, clinic: str, doctor_id: UUID) -> AsyncIterator[Callable[[ClinicTx], Awaitable[None]]]:
    """Something to call after a change that may open more, in its transaction; it raises ``directory.WorksElsewhere``.
    If that transaction then comes to nothing, what was claimed is given back by the next publishing."""
    claimed = False

    async def claim(tx: ClinicTx) -> None:
        nonlocal claimed
        where, rules = await schedule.working_rules(tx, doctor_id)
        async with visit.to_control(house) as control:
            await directory.claim_hours(control, doctor_id=doctor_id, clinic_id=tx.clinic.id, zone=where, rules=rules)
        claimed = True

    try:
        yield claim
    except BaseException:
        if claimed:
            with suppress(Refusal):
                async with visit.to_clinic(house, clinic) as tx:
                    announce(tx, TimesChanged(doctor_id))
        raise
