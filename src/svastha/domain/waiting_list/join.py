import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit, patients
from svastha.domain.accounts import Actor
from svastha.domain.schedule import MODES
from svastha.domain.waiting_list.access import DOCTORS, LIVE, seen_by
from svastha.domain.waiting_list.model import (
    MOST,
    PARTS,
    WEEK,
    Entry,
    Look,
    TooManyWaits,
    WaitEnds,
    WaitingAlready,
    Wish,
)
from svastha.kit.clock import now, today, zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce, later
from svastha.kit.refusals import FieldError, Invalid, NotFound

PIN = re.compile(r"[1-9][0-9]{5}")


async def join(tx: ClinicTx, actor: Actor, wish: Wish, *, patient_id: UUID | None = None) -> Entry:
    """Wait for oneself or somebody one acts for; the desk puts any patient on the list. What is free already and suits
    is offered at once."""
    patient = await (patients.seen_by(tx, actor, patient_id, lock=True) if patient_id else patients.own(tx, actor))
    if wrong := list(_wrong(tx, wish)):
        raise Invalid(*wrong)
    doctors = await _doctors(tx, wish)
    waits: int = await tx.value(
        f"SELECT count(*) FROM waiting_list w WHERE w.patient_id = :patient_id AND {LIVE}",
        patient_id=patient.id,
        zone=tx.clinic.zone,
    )
    id = uuid7()
    async with tx.refusing(nobody_waits_twice_for_the_same=WaitingAlready):
        await tx.run(
            "INSERT INTO waiting_list (id, patient_id, doctor_id, specialty, mode, first_day, last_day, weekdays,"
            " parts, area, made_by) VALUES (:id, :patient_id, :doctor_id, :specialty, :mode, :first_day, :last_day,"
            " :weekdays, :parts, :area, :made_by)",
            id=id,
            patient_id=patient.id,
            doctor_id=wish.doctor_id,
            specialty=wish.specialty,
            mode=wish.mode,
            first_day=wish.first_day,
            last_day=wish.last_day,
            weekdays=sorted(set(wish.weekdays)),
            parts=[part for part in PARTS if part in wish.parts],
            area=wish.area,
            made_by=actor.account_id,
        )
    if waits >= MOST:  # after what is said of the same wish sent twice
        raise TooManyWaits
    audit.note(tx, actor.account_id, "join", "waiting_list_entry", id, whose=patient.id)
    for doctor in doctors:
        announce(tx, Look(doctor))
    where = zone(tx.clinic.zone)
    later(tx, WaitEnds(id), run_at=datetime.combine(wish.last_day + timedelta(days=1), time(), where))
    return await seen_by(tx, actor, id, trace=False)


def _wrong(tx: ClinicTx, wish: Wish) -> Iterator[FieldError]:
    if wish.mode not in MODES:
        yield FieldError("mode", N_("Choose from the list."))
    if wish.doctor_id and wish.specialty:
        yield FieldError("specialty", N_("Wait for a doctor or for a specialty, not for both."))
    if not wish.weekdays or not set(wish.weekdays) <= set(WEEK):
        yield FieldError("weekdays", N_("Choose at least one day of the week."))
    if not wish.parts or not set(wish.parts) <= set(PARTS):
        yield FieldError("parts", N_("Choose at least one part of the day."))
    if wish.first_day < today(zone(tx.clinic.zone)):
        yield FieldError("first_day", N_("This day is over. Choose today or a later one."))
    if wish.last_day < wish.first_day:
        yield FieldError("last_day", N_("The last day is not before the first."))
    if wish.area is not None and (wish.mode != "home_visit" or not PIN.fullmatch(wish.area)):
        yield FieldError("area", N_("For a home visit, give the PIN code of six digits."))


class _Choice(msgspec.Struct, frozen=True):
    doctors: list[UUID]
    until: datetime | None


async def _doctors(tx: ClinicTx, wish: Wish) -> list[UUID]:
    """Whose time it may become. Nobody waits for days that nobody can book yet."""
    if wish.doctor_id and not await tx.value(
        "SELECT bookable FROM practitioners WHERE doctor_id = :id", id=wish.doctor_id
    ):
        raise NotFound
    found = await tx.one(
        _Choice,
        f"""
        SELECT coalesce(array_agg(d.doctor_id), '{{}}') AS doctors, max(now() + coalesce(f.horizon, d.horizon)) AS until
        FROM (SELECT :doctor_id::uuid AS doctor_id, :specialty::text AS specialty, :mode::text AS mode) w,
            LATERAL unnest({DOCTORS}) one JOIN practitioners d ON d.doctor_id = one
            JOIN offers f ON f.doctor_id = one WHERE f.mode = w.mode
        """,
        doctor_id=wish.doctor_id,
        specialty=wish.specialty,
        mode=wish.mode,
    )
    if found.until is None:
        field = "specialty" if wish.specialty else "mode"
        raise Invalid(FieldError(field, N_("Nobody here offers this at the moment.")))
    if wish.last_day > max(found.until, now()).astimezone(zone(tx.clinic.zone)).date():
        raise Invalid(FieldError("last_day", N_("This is further ahead than anybody can book.")))
    return found.doctors
