from datetime import date, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.schedule.branches import doctors_at
from svastha.domain.schedule.model import TimesChanged
from svastha.kit.clock import today
from svastha.kit.clock import zone as zone_of
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Invalid, NotFound

FURTHEST = timedelta(days=731)
LONGEST_NAME = 80


class Holiday(msgspec.Struct, frozen=True):
    """The clinic is closed all day, or one branch of it."""

    id: UUID
    day: date
    name: str
    branch_id: UUID | None


class HolidayKnown(Conflict):
    code = "holiday_known"
    says = N_("This day is a holiday already.")


_HOLIDAYS = "SELECT id, day, name, branch_id FROM holidays"


async def holidays(tx: ClinicTx) -> list[Holiday]:
    """From yesterday on, in order."""
    return await tx.all(Holiday, f"{_HOLIDAYS} WHERE day >= current_date - 1 ORDER BY day, branch_id NULLS FIRST")


async def add_holiday(tx: ClinicTx, actor: Actor, *, day: date, name: str, branch_id: UUID | None = None) -> Holiday:
    """Nothing is offered on this day from now on; what is booked on it is not cancelled by this."""
    one = Holiday(uuid7(), day, name.strip(), branch_id)
    here = today(zone_of(tx.clinic.zone))
    wrong = []
    if not here <= day <= here + FURTHEST:
        wrong.append(FieldError("day", N_("From today on, within two years.")))
    if not 1 <= len(one.name) <= LONGEST_NAME:
        wrong.append(FieldError("name", N_("A name of at most 80 characters, please.")))
    if branch_id and not await tx.run("SELECT FROM branches WHERE id = :id AND closed_at IS NULL", id=branch_id):
        wrong.append(FieldError("branch_id", N_("There is no such branch, or it has closed.")))
    if wrong:
        raise Invalid(*wrong)
    await _hold_everybody(tx)
    async with tx.refusing(one_holiday_per_day_and_place=HolidayKnown):
        await tx.run(
            "INSERT INTO holidays (id, day, name, branch_id) VALUES (:id, :day, :name, :branch_id)",
            **msgspec.structs.asdict(one),
        )
    await _tell(tx, branch_id)
    audit.note(tx, actor.account_id, "make", "holiday", one.id)
    return one


async def remove_holiday(tx: ClinicTx, actor: Actor, holiday_id: UUID) -> None:
    gone = await tx.maybe(
        Holiday, "DELETE FROM holidays WHERE id = :id RETURNING id, day, name, branch_id", id=holiday_id
    )
    if gone is None:
        raise NotFound
    await _tell(tx, gone.branch_id)
    audit.note(tx, actor.account_id, "end", "holiday", holiday_id)


async def _hold_everybody(tx: ClinicTx) -> None:
    """Whoever is booking at this moment is waited for: nobody is sold a time that this closes."""
    await tx.run("SELECT FROM practitioners ORDER BY doctor_id FOR NO KEY UPDATE")


async def _tell(tx: ClinicTx, branch_id: UUID | None) -> None:
    everybody: list[UUID] = await tx.value("SELECT coalesce(array_agg(doctor_id), '{}') FROM practitioners")
    for doctor_id in await doctors_at(tx, branch_id) if branch_id else everybody:
        announce(tx, TimesChanged(doctor_id))
