"""Clinics in the middle of their day: people who wait, and people in a call, all signed in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from bench.clinics_made import founded, slugs
from bench.stand import Stand
from svastha.domain import accounts, schedule
from svastha.domain.accounts import sessions
from svastha.domain.queue.access import this_day
from svastha.doors import visit
from svastha.kit.ids import uuid7

DOCTORS, DESKS, SCREENS, WAITING, CALLS = 4, 4, 8, 16, 10  # of a clinic; WAITING for each doctor


class Person(msgspec.Struct, frozen=True):
    id: UUID
    cookie: str


class Clinic(msgspec.Struct, frozen=True):
    """``waiting`` and ``calls``: visit and patient, by their doctor."""

    slug: str
    doctors: list[Person]
    desks: list[Person]
    waiting: dict[UUID, list[tuple[UUID, Person]]]
    calls: list[tuple[UUID, Person, Person]]  # visit, doctor, patient

    @property
    def streams(self) -> int:
        return DOCTORS + DESKS + SCREENS + DOCTORS * WAITING


async def clinics(here: Stand, many: int) -> list[Clinic]:
    names = slugs(1, many)
    await founded(here, names)
    return [await _day(here, slug) for slug in names]


async def _day(here: Stand, slug: str) -> Clinic:
    place = (await here.house.routing.find(slug))[0].id
    async with visit.to_control(here.house) as tx:
        doctors = [await _person(tx, f"Dr {slug} {k}", "doctor", place) for k in range(DOCTORS)]
        desks = [await _person(tx, f"Desk {slug} {k}", "receptionist", place) for k in range(DESKS)]
        patients = [await _person(tx, f"Patient {k}") for k in range(DOCTORS * WAITING + CALLS)]
    async with visit.to_clinic(here.house, slug) as tx:
        day = this_day(tx)
        for doctor in doctors:
            offers = [schedule.Offer("video", 20, 50000), schedule.Offer("in_person", 20, 40000)]
            await schedule.practise(tx, doctor_id=doctor.id, name="Dr Busy", zone="Asia/Kolkata", offers=offers)
    visits = [(uuid7(), doctors[k % DOCTORS], one) for k, one in enumerate(patients)]
    waiting, calls = visits[: DOCTORS * WAITING], visits[DOCTORS * WAITING :]
    async with here.connection(slug) as db:
        await db.executemany(
            "INSERT INTO patients (id, account_id, name, email) VALUES ($1, $1, 'Somebody', '')",
            [(one.id,) for one in patients],
        )
        await _visits(db, waiting, "in_person", "checked_in")
        await _visits(db, calls, "video", "in_progress")
        await db.executemany(
            "INSERT INTO queue_days (doctor_id, day, last_no) VALUES ($1, $2, $3)",
            [(one.id, day, WAITING) for one in doctors],
        )
        await db.executemany(
            "INSERT INTO queue_entries (appointment_id, doctor_id, day, no, how, arrived_at, due_at, first_due_at)"
            " VALUES ($1, $2, $3, $4, 'desk', now(), $5, $5)",
            [
                (id, doctor.id, day, k // DOCTORS + 1, datetime.now(UTC) + timedelta(minutes=k // DOCTORS))
                for k, (id, doctor, _) in enumerate(waiting)
            ],
        )
    return Clinic(
        slug,
        doctors,
        desks,
        {one.id: [(id, who) for id, doctor, who in waiting if doctor is one] for one in doctors},
        calls,
    )


async def _visits(db: asyncpg.Connection, visits: list[tuple[UUID, Person, Person]], mode: str, status: str) -> None:
    await db.executemany(
        "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by,"
        " placed) VALUES ($1, $2, $3, now(), now() + interval '20 min', $4, $5, 40000, $3, 'squeezed')",
        [(id, doctor.id, patient.id, mode, status) for id, doctor, patient in visits],
    )
    await db.executemany(
        "INSERT INTO appointment_steps (id, appointment_id, status) VALUES ($1, $2, $3)",
        [(uuid7(), id, status) for id, _, _ in visits],
    )


async def _person(tx: Any, name: str, role: str | None = None, place: UUID | None = None) -> Person:
    """With an account, signed in in a browser."""
    id = uuid7()
    await tx.run("INSERT INTO accounts (id, name) VALUES (:id, :name)", id=id, name=name)
    if role:
        await accounts.grant(tx, id, role, clinic_id=place, by=None)
    signed = await sessions.open_session(tx, id, kind="browser", second_factor=True)
    return Person(id, signed.access_token)
