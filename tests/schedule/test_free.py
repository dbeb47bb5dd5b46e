"""Free times against a slow and obvious reference, in zones that jump, on either side of midnight."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svastha.domain import schedule
from svastha.doors import visit
from svastha.kit.ids import uuid7
from tests.cast import RAO, World

ZONES = [
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
]


def reference_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """A skipped time moves forward by the gap; of a time that comes twice the first is meant."""
    first = wall.replace(tzinfo=zone, fold=0)
    return first.astimezone(UTC)


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-03-08 02:30", "America/New_York", "2026-03-08 07:30"),  # skipped: shown as 03:30
        ("2026-11-01 01:30", "America/New_York", "2026-11-01 05:30"),  # twice: the first, still on summer time
        ("2026-11-01 03:00", "America/New_York", "2026-11-01 08:00"),
        ("2026-10-25 02:15", "Europe/Berlin", "2026-10-25 00:15"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04 14:45"),  # a jump of half an hour
        ("2026-11-21 09:00", "Asia/Kolkata", "2026-11-21 03:30"),
        ("2026-11-21 09:00", "Asia/Kathmandu", "2026-11-21 03:15"),
        ("2028-02-29 23:59", "Asia/Kolkata", "2028-02-29 18:29"),
    ],
)
async def test_an_instant_of_a_wall_clock(world: World, wall: str, zone: str, instant: str) -> None:
    rows = await world.sql("asha", "SELECT instant_of($1::text::timestamp, $2)", wall, zone)
    assert rows[0][0] == datetime.fromisoformat(instant).replace(tzinfo=UTC)


async def test_every_hour_of_years_with_jumps_agrees_with_the_reference(world: World) -> None:
    for name in ZONES:
        rows = await world.sql(
            "asha",
            "SELECT w, instant_of(w, $1) FROM generate_series('2026-01-01'::timestamp, '2027-01-01', '30 min') w",
            name,
        )
        wrong = [w for w, found in rows if found != reference_instant(w, ZoneInfo(name))]
        assert not wrong, (name, wrong[:5])


def reference_free(
    hours: list[schedule.Hours],
    zone: ZoneInfo,
    minutes: int,
    from_at: datetime,
    to_at: datetime,
    taken: list[tuple[datetime, datetime]],
) -> Iterator[datetime]:
    day = from_at.astimezone(zone).date() - timedelta(days=2)
    seen = set()
    while day <= to_at.astimezone(zone).date():
        for h in hours:
            if h.weekday != day.isoweekday():
                continue
            opens = reference_instant(datetime.combine(day, h.opens), zone)
            closing_day = day if h.closes > h.opens else day + timedelta(days=1)
            closes = reference_instant(datetime.combine(closing_day, h.closes), zone)
            at = opens
            while at + timedelta(minutes=minutes) <= closes:
                end = at + timedelta(minutes=minutes)
                if from_at <= at < to_at and all(end <= a or b <= at for a, b in taken):
                    seen.add(at)
                at = end
        day += timedelta(days=1)
    yield from sorted(seen)


clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
weekly = st.lists(
    st.builds(schedule.Hours, st.integers(1, 7), clock_times, clock_times, st.just(("video",))), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    hours=weekly,
    zone=st.sampled_from(ZONES),
    minutes=st.sampled_from([15, 20, 45, 60]),
    start_day=st.integers(1, 12),
    visits=st.lists(st.tuples(st.integers(0, 14 * 24 * 4), st.integers(1, 6)), max_size=8),
)
async def test_free_times_agree_with_the_reference(
    world: World, hours: list[schedule.Hours], zone: str, minutes: int, start_day: int, visits: list[tuple[int, int]]
) -> None:
    from_at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=start_day)
    to_at = from_at + timedelta(days=14)
    taken: list[tuple[datetime, datetime]] = []
    for quarter, length in sorted(visits):
        begins = from_at + timedelta(minutes=15 * quarter)
        if not taken or begins >= taken[-1][1]:
            taken.append((begins, begins + timedelta(minutes=15 * length)))
    async with visit.to_clinic(world.house, "asha") as tx:
        await schedule.practise(
            tx, doctor_id=RAO, name="Dr Rao", zone=zone, offers=[schedule.Offer("video", minutes, 100)]
        )
        await schedule.set_weekly_hours(tx, RAO, hours)
    await world.sql("asha", "UPDATE practitioners SET horizon = '90 days'")
    await world.sql("asha", "DELETE FROM appointments")
    await world.sql(
        "asha", "INSERT INTO patients (id, name, email) VALUES ($1, 'x', '') ON CONFLICT DO NOTHING", UUID(int=7)
    )
    for begins, ends in taken:
        await world.sql(
            "asha",
            "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)"
            " VALUES ($1, $2, $3, $4, $5, 'video', 'confirmed', 0, $2)",
            uuid7(),
            RAO,
            UUID(int=7),
            begins,
            ends,
        )
    async with visit.to_clinic(world.house, "asha") as tx:
        found = await schedule.free_times(tx, [RAO], from_at=from_at, to_at=to_at, mode="video")
    assert [t.starts_at for t in found] == list(reference_free(hours, ZoneInfo(zone), minutes, from_at, to_at, taken))


async def test_closed_days_close_and_extra_hours_open(world: World) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    day = datetime.now(zone).date() + timedelta(days=3)
    async with visit.to_clinic(world.house, "asha") as tx:
        await schedule.set_weekly_hours(
            tx, RAO, [schedule.Hours(n, time(9), time(12), ("video",)) for n in range(1, 8)]
        )
        await schedule.add_exception(tx, RAO, day, closed=True, opens=time(10), closes=time(11))
        await schedule.add_exception(tx, RAO, day, closed=False, opens=time(18), closes=time(19))
        await schedule.add_exception(tx, RAO, day + timedelta(days=1), closed=True)
    assert await clocks(world, day) == ["09:00", "09:20", "09:40", "11:00", "11:20", "11:40", "18:00", "18:20", "18:40"]
    assert await clocks(world, day + timedelta(days=1)) == []


async def clocks(world: World, day: date) -> list[str]:
    zone = ZoneInfo("Asia/Kolkata")
    start = datetime.combine(day, time(0), zone)
    async with visit.to_clinic(world.house, "asha") as tx:
        free = await schedule.free_times(tx, [RAO], from_at=start, to_at=start + timedelta(days=1), mode="video")
    return [t.starts_at.astimezone(zone).strftime("%H:%M") for t in free]


async def test_what_is_offered_is_never_refused_and_what_is_not_offered_is(world: World) -> None:
    ananya = await world.api("ananya")
    slots = (await ananya.get(f"/clinics/asha/doctors/{RAO}/slots?mode=in_person")).json()["items"]
    first = datetime.fromisoformat(slots[0]["starts_at"])
    refused = [
        first + timedelta(minutes=7),  # off the grid
        first - timedelta(days=1),  # past
        first + timedelta(days=90),  # beyond the horizon
    ]
    for n, at in enumerate(refused):
        body = {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": "in_person"}
        answer = await ananya.post("/clinics/asha/appointments", json=body, headers={"idempotency-key": str(n)})
        assert (answer.status_code, answer.json()["code"]) == (422, "time_not_offered")
    for n in (0, len(slots) // 2, -1):
        body = {"doctor_id": str(RAO), "starts_at": slots[n]["starts_at"], "mode": "in_person"}
        answer = await ananya.post("/clinics/asha/appointments", json=body, headers={"idempotency-key": f"ok{n}"})
        assert answer.status_code == 201, answer.text
    async with visit.to_clinic(world.house, "asha") as tx:
        start = datetime.fromisoformat(slots[0]["starts_at"])
        free = await schedule.free_times(tx, [RAO], from_at=start, to_at=start + timedelta(hours=2))
    assert all(t.starts_at >= start + timedelta(minutes=30) for t in free), "neither mode offers what is taken"
