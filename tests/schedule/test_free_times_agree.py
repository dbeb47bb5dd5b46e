"""What is free, and what can be claimed, against a slow and obvious reference: random rules, visits and zones around
every odd day. And some of those days by hand."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from svastha.domain import appointments, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments.insert import insert
from svastha.domain.patients import Patient
from svastha.domain.schedule import MODES, FreeTime, Mode, Offer
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.refusals import NotFound, Refusal
from tests.cast import World
from tests.schedule.calendars import DOCTORS, PATIENTS, Thrown, calendar, leap_day, length, thrown
from tests.schedule.reference import Asked, Clinic, Clock, Doctor, Exceptional, Hours, Slot, Visit, offered
from tests.schedule.stored import fill, store

A_DAY = timedelta(days=1)
ALWAYS = timedelta(days=2000)
quick = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Lab:
    """One transaction in the clinic's database, whose now does not move, thrown away in the end."""

    def __init__(self, tx: ClinicTx, connection: Any, now: datetime) -> None:
        self.tx, self.connection, self.now = tx, connection, now

    async def fresh(self, clinic: Clinic, asked: Asked) -> tuple[Clinic, Asked]:
        """This calendar and no other."""
        await self.connection.execute("ROLLBACK TO SAVEPOINT empty")
        self.tx = ClinicTx(self.connection, msgspec.structs.replace(self.tx.clinic, zone=clinic.zone), self.tx.vault)
        return await store(self.connection, clinic, self.now), msgspec.structs.replace(asked, now=self.now)


@pytest.fixture
async def lab(world: World) -> AsyncIterator[Lab]:
    ref, vault = await world.house.routing.find("asha")
    connection = await world.house.connections.connect(ref.database)
    await connection.execute("BEGIN")
    await fill(connection)
    await connection.execute("SAVEPOINT empty")
    yield Lab(ClinicTx(connection, ref, vault), connection, await connection.fetchval("SELECT now()"))
    await connection.close()


@settings(quick, max_examples=300)
@given(thrown=thrown)
async def test_free_times_are_those_of_the_reference(lab: Lab, thrown: Thrown) -> None:
    clinic, asked = await lab.fresh(*calendar(thrown, lab.now))
    found = await schedule.free_times(
        lab.tx,
        [doctor.id for doctor in clinic.doctors],
        from_at=asked.from_at,
        to_at=asked.to_at,
        mode=asked.mode,
        patient=asked.patient,
        but=asked.but,
    )
    expected = [slot for slot in offered(clinic, asked) if slot.free]
    assert [(t.starts_at, t.mode, t.doctor_id, t.ends_at, t.branch_id) for t in found] == [
        (s.starts_at, s.mode, s.doctor_id, s.ends_at, s.branch_id) for s in expected
    ]
    if asked.but is None:
        one = clinic.doctors[0].id
        told = await schedule.free_times_told(
            lab.tx, one, from_at=asked.from_at, to_at=asked.to_at, mode=asked.mode, patient=asked.patient
        )
        assert msgspec.json.decode(told, type=list[FreeTime]) == [t for t in found if t.doctor_id == one]


@settings(quick, max_examples=80)
@given(thrown=thrown)
async def test_what_is_free_can_be_claimed_and_nothing_else(lab: Lab, thrown: Thrown) -> None:
    clinic, asked = await lab.fresh(*calendar(thrown, lab.now))
    patient = asked.patient or PATIENTS[0]
    asked = msgspec.structs.replace(asked, patient=patient)
    for doctor_id, mode, starts_at in wishes(clinic, asked):
        moment = msgspec.structs.replace(
            asked, from_at=starts_at, to_at=starts_at + timedelta(microseconds=1), mode=mode
        )
        slot = next((s for s in offered(clinic, moment) if s.doctor_id == doctor_id), None)
        expected = refusal(clinic, asked, doctor_id, starts_at, slot)
        await lab.connection.execute("SAVEPOINT before")
        try:
            place = await schedule.claim(
                lab.tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient, but=asked.but
            )
            got = None
            if asked.but is None:  # and then no constraint stands in the way
                await book(lab, place, patient, doctor_id, mode, starts_at)
        except Refusal as refused:
            got = type(refused)
        assert got is expected, (doctor_id, mode, starts_at)
        if got is None:
            assert slot
            assert (place.ends_at, place.branch_id, tuple(place.resources)) == (
                slot.ends_at,
                slot.branch_id,
                slot.resources,
            )
        await lab.connection.execute("ROLLBACK TO SAVEPOINT before")


def wishes(clinic: Clinic, asked: Asked) -> Iterator[tuple[UUID, Mode, datetime]]:
    """Times of every kind: free, taken, while she is elsewhere, just beside, and at random."""
    slots = offered(clinic, asked)
    for kind in (
        [s for s in slots if s.free],
        [s for s in slots if s.taken and not s.elsewhere],
        [s for s in slots if s.elsewhere],
    ):
        for slot in kind[:: max(1, len(kind) // 2)]:
            yield slot.doctor_id, slot.mode, slot.starts_at
    for slot in slots[:1]:
        yield slot.doctor_id, slot.mode, slot.starts_at + timedelta(minutes=1)
    yield DOCTORS[0], MODES[len(slots) % 3], asked.from_at


def refusal(
    clinic: Clinic, asked: Asked, doctor_id: UUID, starts_at: datetime, slot: Slot | None
) -> type[Refusal] | None:
    if not asked.now - A_DAY < starts_at < asked.now + 731 * A_DAY:
        return schedule.NotOffered
    if not next(d for d in clinic.doctors if d.id == doctor_id).bookable:
        return NotFound
    if slot is None:
        return schedule.NotOffered
    if slot.elsewhere:
        return schedule.AlreadyBooked
    return schedule.SlotTaken if slot.taken else None


async def book(
    lab: Lab, place: schedule.Place, patient: UUID, doctor_id: UUID, mode: Mode, starts_at: datetime
) -> appointments.Appointment:
    actor = Actor(patient, uuid7(), "a@cast.test", "A patient", "en", "Asia/Kolkata")
    herself = Patient(patient, patient, "A patient", "", "en", "Asia/Kolkata", None, None, "", mine=True)
    return await insert(
        lab.tx, actor, herself, place, doctor_id=doctor_id, starts_at=starts_at, mode=mode, status="confirmed"
    )


# By hand --------------------------------------------------------------------------------------------------------------


def day_and_night(zone: str, minutes: int = 60, *, hours: list[Hours] | None = None, **more: Any) -> Doctor:
    """A doctor of video visits, day and night unless told otherwise."""
    every_day = [Hours(n, time(0), time(0), ("video",)) for n in range(1, 8)]
    offer = Offer("video", minutes, 100)
    return Doctor(DOCTORS[0], zone, timedelta(0), ALWAYS, [offer], every_day if hours is None else hours, **more)


async def clocks(lab: Lab, doctor: Doctor, day: date, zone: str = "", *visits: Visit) -> list[str]:
    """Where she may begin on that day of a zone (her own), as its clocks show it; as the reference says, too."""
    where = ZoneInfo(zone or doctor.zone)
    begin, end = (datetime.combine(d, time(0), where).astimezone(UTC) for d in (day, day + A_DAY))
    clinic, asked = await lab.fresh(Clinic("Asia/Kolkata", [doctor], visits=list(visits)), Asked(lab.now, begin, end))
    found = await schedule.free_times(lab.tx, [doctor.id], from_at=begin, to_at=end)
    assert [t.starts_at for t in found] == [slot.starts_at for slot in offered(clinic, asked) if slot.free]
    return [f"{t.starts_at.astimezone(where):%H:%M%z}" for t in found]


def edges(zone: str, today: date) -> tuple[date, date]:
    """The next days in that zone with fewer and with more than 24 hours."""
    later = [today + n * A_DAY for n in range(2, 400)]
    return next(d for d in later if length(d, zone) < A_DAY), next(d for d in later if length(d, zone) > A_DAY)


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "short", "long"),
    [
        (
            "America/New_York",
            time(0, 30),
            time(3, 30),
            ["00:30-0500", "01:30-0500"],
            ["00:30-0400", "01:30-0400", "01:30-0500", "02:30-0500"],
        ),
        (
            "Europe/London",
            time(0, 30),
            time(2, 30),
            ["00:30+0000"],
            ["00:30+0100", "01:30+0100", "01:30+0000"],
        ),
        (
            "Australia/Sydney",
            time(1, 30),
            time(4),
            ["01:30+1000"],
            ["01:30+1100", "02:30+1100", "02:30+1000"],
        ),
        (
            "Australia/Lord_Howe",
            time(1),
            time(4),
            ["01:00+1030", "02:30+1100"],
            ["01:00+1100", "01:30+1030", "02:30+1030"],
        ),
        # At midnight, and what would begin within the hour that is skipped begins when it is over.
        ("America/Santiago", time(0, 30), time(3), ["01:30-0300"], ["00:30-0300", "01:30-0300"]),
    ],
)
async def test_on_both_edges_of_summer_an_hour_lasts_an_hour(
    lab: Lab, zone: str, opens: time, closes: time, short: list[str], long: list[str]
) -> None:
    doctor = day_and_night(zone, hours=[Hours(n, opens, closes, ("video",)) for n in range(1, 8)])
    spring, autumn = edges(zone, lab.now.date())
    assert await clocks(lab, doctor, spring) == short
    assert await clocks(lab, doctor, autumn) == long


async def test_a_day_has_23_24_or_25_hours(lab: Lab) -> None:
    for zone in ("America/New_York", "Australia/Sydney", "America/Santiago"):
        spring, autumn = edges(zone, lab.now.date())
        found = [len(await clocks(lab, day_and_night(zone), day)) for day in (spring, spring + A_DAY, autumn)]
        assert found == [23, 24, 25], zone


@pytest.mark.parametrize(("zone", "offset"), [("Asia/Kolkata", "+0530"), ("Asia/Kathmandu", "+0545")])
async def test_offsets_that_are_no_full_hours(lab: Lab, zone: str, offset: str) -> None:
    doctor = day_and_night(zone, hours=[Hours(n, time(9), time(11, 30), ("video",)) for n in range(1, 8)])
    assert await clocks(lab, doctor, lab.now.date() + 3 * A_DAY) == [f"09:00{offset}", f"10:00{offset}"]


async def test_a_doctor_in_india_and_a_patient_in_new_york(lab: Lab) -> None:
    """Her nine to twelve is the end of the patient's day before; in his spring it moves by an hour, and on the day he
    loses an hour he loses none of hers."""
    doctor = day_and_night("Asia/Kolkata", hours=[Hours(n, time(9), time(12), ("video",)) for n in range(1, 8)])
    spring, autumn = edges("America/New_York", lab.now.date())
    winter, summer = ["22:30-0500", "23:30-0500"], ["00:30-0400", "23:30-0400"]
    assert await clocks(lab, doctor, spring - A_DAY, "America/New_York") == ["00:30-0500", *winter]
    assert await clocks(lab, doctor, spring, "America/New_York") == ["00:30-0500", "23:30-0400"]
    assert await clocks(lab, doctor, spring + A_DAY, "America/New_York") == [summer[0], "01:30-0400", summer[1]]
    assert await clocks(lab, doctor, autumn, "America/New_York") == ["00:30-0400", "01:30-0400", *winter]


async def test_past_midnight(lab: Lab) -> None:
    """Saturday's night ends on Sunday morning; the visit that passes midnight belongs to the day it begins."""
    day = lab.now.date() + 7 * A_DAY
    night = [Hours(day.isoweekday(), time(22), time(2), ("video",))]
    doctor = day_and_night("Asia/Kolkata", 50, hours=night, breaks=[Clock(day.isoweekday(), time(23, 30), time(0, 10))])
    assert await clocks(lab, doctor, day) == ["22:00+0530"]
    assert await clocks(lab, doctor, day + A_DAY) == ["00:10+0530", "01:00+0530"]
    no_breaks = msgspec.structs.replace(doctor, breaks=[])
    assert await clocks(lab, no_breaks, day) == ["22:00+0530", "22:50+0530", "23:40+0530"]
    begins = datetime.combine(day, time(23, 40), ZoneInfo("Asia/Kolkata")).astimezone(UTC)
    taken = Visit(
        uuid7(), doctor.id, PATIENTS[0], "video", "confirmed", "booked", begins, begins + timedelta(minutes=50)
    )
    assert await clocks(lab, no_breaks, day, "", taken) == ["22:00+0530", "22:50+0530"]
    assert await clocks(lab, no_breaks, day + A_DAY, "", taken) == ["00:30+0530"]
    off = msgspec.structs.replace(no_breaks, exceptions=[Exceptional(day + A_DAY, True, None, None, MODES)])
    assert await clocks(lab, off, day) == ["22:00+0530", "22:50+0530"]
    with pytest.raises(schedule.NotOffered):
        await schedule.claim(lab.tx, doctor_id=doctor.id, mode="video", starts_at=begins, patient=PATIENTS[0])


async def test_the_29th_of_february_and_the_ends_of_months(lab: Lab) -> None:
    """Every month on the 31st there are extra hours, and on the 29th she is away: where the month has such a day."""
    leap = leap_day(lab.now.date())
    extra = Exceptional(date(2026, 1, 31), False, time(9), time(10), MODES, "monthly")
    away = Exceptional(date(2026, 1, 29), True, None, None, MODES, "monthly")
    doctor = day_and_night(
        "Asia/Kolkata", hours=[Hours(n, time(12), time(13), ("video",)) for n in range(1, 8)], exceptions=[extra, away]
    )
    for year in (leap.year, leap.year + 1):
        for month in range(1, 13):
            last = date(year + month // 12, month % 12 + 1, 1) - A_DAY
            expected = {31: ["09:00+0530", "12:00+0530"], 29: []}.get(last.day, ["12:00+0530"])
            assert await clocks(lab, doctor, last) == expected, last
