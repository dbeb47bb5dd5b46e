from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.schedule.access import hold, seen_by
from svastha.domain.schedule.branches import wrong_places
from svastha.domain.schedule.model import MODES, Mode, TimesChanged
from svastha.domain.schedule.week import wrong_times
from svastha.kit.clock import today
from svastha.kit.clock import zone as zone_of
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid, NotFound

Repeats = Literal["once", "daily", "weekly", "monthly"]
FURTHEST = timedelta(days=400)
LONGEST_RUN = 5 * 366  # days
MOST = 200
LONGEST_NOTE = 200


class Exceptional(msgspec.Struct, frozen=True):
    """A day that is different, and perhaps comes again: ``closed`` between two times, or without them the whole day;
    or else extra hours beyond the week. ``every`` 2 with ``weekly``: every other week. ``until`` is the last day it may
    fall on; a month that lacks the day is left out."""

    id: UUID
    day: date
    closed: bool
    opens: time | None
    closes: time | None
    modes: tuple[Mode, ...]
    repeats: Repeats
    every: int
    until: date | None
    branch_id: UUID | None
    resources: tuple[UUID, ...]
    note: str


_EXCEPTIONS = """
    SELECT id, day, closed, opens, closes, modes, repeats, every, until, branch_id, resources, note FROM exceptions
"""
LAST_DAY = "coalesce(until, CASE WHEN repeats = 'once' THEN day ELSE 'infinity' END)"


async def exceptions(tx: ClinicTx, actor: Actor, doctor_id: UUID) -> list[Exceptional]:
    """From yesterday on, in order of their first day."""
    await seen_by(tx, actor, doctor_id, "schedule.read")
    return await tx.all(
        Exceptional,
        f"{_EXCEPTIONS} WHERE doctor_id = :doctor_id AND {LAST_DAY} >= current_date - 1 ORDER BY day, opens, id",
        doctor_id=doctor_id,
    )


async def add_exception(
    tx: ClinicTx,
    doctor_id: UUID,
    day: date,
    *,
    closed: bool,
    opens: time | None = None,
    closes: time | None = None,
    modes: Sequence[Mode] = MODES,
    repeats: Repeats = "once",
    every: int = 1,
    until: date | None = None,
    branch_id: UUID | None = None,
    resources: Sequence[UUID] = (),
    note: str = "",
    by: Actor | None = None,
) -> Exceptional:
    """Closed between two times of a day, or the whole of it; or open beyond the weekly hours. ``by`` has to be allowed
    to; nobody: the house itself. What is booked stays as it is."""
    if by:
        await seen_by(tx, by, doctor_id, "schedule.except")
    where = zone_of(await hold(tx, doctor_id))
    one = Exceptional(
        uuid7(),
        day,
        closed,
        opens,
        closes,
        tuple(modes),
        repeats,
        every,
        until,
        branch_id,
        tuple(resources),
        note.strip(),
    )
    wrong = [*_wrong_days(one, today(where)), *_wrong_times(one)]
    if not wrong:
        wrong = [
            FieldError(error.field.removeprefix("."), error.message)
            for error in await wrong_places(tx, [("", one.branch_id, one.resources)])
        ]
    if wrong:
        raise Invalid(*wrong)
    if (
        await tx.value(
            f"SELECT count(*) FROM exceptions WHERE doctor_id = :id AND {LAST_DAY} >= current_date", id=doctor_id
        )
        >= MOST
    ):
        raise Invalid(FieldError("day", N_("There are too many exceptions already. Remove some, or change the week.")))
    await tx.run(
        "INSERT INTO exceptions (id, doctor_id, day, closed, opens, closes, modes, repeats, every, until, branch_id,"
        " resources, note) VALUES (:id, :doctor_id, :day, :closed, :opens, :closes, :modes, :repeats, :every, :until,"
        " :branch_id, :resources, :note)",
        doctor_id=doctor_id,
        **msgspec.structs.asdict(one),
    )
    announce(tx, TimesChanged(doctor_id))
    audit.note(tx, by.account_id if by else None, "make", "exception", one.id, why=str(doctor_id))
    return one


async def remove_exception(tx: ClinicTx, actor: Actor, doctor_id: UUID, exception_id: UUID) -> bool:
    """The week counts again then. Returns whether it had closed something: her hours may be more from now on."""
    await seen_by(tx, actor, doctor_id, "schedule.except")
    await hold(tx, doctor_id)
    closed: bool | None = await tx.value(
        "DELETE FROM exceptions WHERE id = :id AND doctor_id = :doctor_id RETURNING closed",
        id=exception_id,
        doctor_id=doctor_id,
    )
    if closed is None:
        raise NotFound
    announce(tx, TimesChanged(doctor_id))
    audit.note(tx, actor.account_id, "end", "exception", exception_id, why=str(doctor_id))
    return closed


def _wrong_days(one: Exceptional, day: date) -> Iterator[FieldError]:
    if one.day < day:
        yield FieldError("day", N_("This day is over."))
    elif one.day > day + FURTHEST:
        yield FieldError("day", N_("This is too far ahead."))
    if not 1 <= one.every <= 52:
        yield FieldError("every", N_("From 1 to 52."))
    if one.until is not None and one.repeats == "once":
        yield FieldError("until", N_("Only what comes again has a last day."))
    elif one.until is not None and not 0 <= (one.until - one.day).days <= LONGEST_RUN:
        yield FieldError("until", N_("The last day comes after the first, by five years at most."))


def _wrong_times(one: Exceptional) -> Iterator[FieldError]:
    if (one.opens is None) != (one.closes is None):
        yield FieldError("closes" if one.opens else "opens", N_("Give both times, or neither."))
    elif one.opens is None or one.closes is None:
        if not one.closed:
            yield FieldError("opens", N_("Extra hours need two times."))
    elif problem := wrong_times(one.opens, one.closes):
        yield FieldError("closes", problem)
    if not one.modes or len(set(one.modes)) < len(one.modes) or not set(one.modes) <= set(MODES):
        yield FieldError("modes", N_("Say for which kinds of visit."))
    if one.resources and not one.branch_id:
        yield FieldError("resources", N_("Say at which branch."))
    if one.closed and (one.branch_id or one.resources):
        yield FieldError("branch_id", N_("Only extra hours have a place."))
    if len(one.note) > LONGEST_NOTE:
        yield FieldError("note", N_("This is too long."))
