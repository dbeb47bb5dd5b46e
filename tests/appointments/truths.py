"""What must be true of a clinic's calendar whatever people did at the same time: looked up by hand, row by row."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import schedule
from svastha.domain.appointments.model import NEXT
from svastha.doors import visit
from svastha.kit.clock import now
from tests.cast import World
from tests.schedule.reference import LIVE, Asked, Clinic, Doctor, Hours, Visit, minutes_of, offered

Rows = list[Any]


async def all_true(world: World, start: datetime, end: datetime, planned: int) -> None:
    """``start`` to ``end``: where they book. ``planned``: reminders of each visit."""
    rows = await world.sql("asha", "SELECT * FROM appointments ORDER BY id")
    rooms = await world.sql("asha", "SELECT * FROM reservations")
    steps = await world.sql("asha", "SELECT * FROM appointment_steps ORDER BY id")
    nobody_is_in_two_places(rows, rooms)
    rooms_follow(rows, rooms)
    history_is_complete(rows, steps)
    await everybody_will_be_reminded(world, rows, planned)
    await numbers_are_unique(world)
    await offers_are_holds(world, {row["id"]: row for row in rows})
    await who_is_displaced_was_asked(world, rows)
    await nothing_is_lost(world, rows, rooms, start, end)


def nobody_is_in_two_places(rows: Rows, rooms: Rows) -> None:
    taken: dict[tuple[str, UUID], list[range]] = defaultdict(list)
    live = {row["id"]: row for row in rows if row["status"] in LIVE}
    for row in live.values():
        if row["placed"] == "booked":
            taken["doctor", row["doctor_id"]].append(minutes_of(as_visit(row), buffers=True))
        if row["placed"] != "walk_in":
            taken["patient", row["patient_id"]].append(minutes_of(as_visit(row)))
    for room in rooms:
        if room["live"]:
            taken["room", room["resource_id"]].append(minutes_of(as_visit(live[room["appointment_id"]])))
    for whose, spans in taken.items():
        spans.sort(key=lambda span: span.start)
        for one, other in pairwise(spans):
            assert one.stop <= other.start, (whose, one, other)


def rooms_follow(rows: Rows, rooms: Rows) -> None:
    """A visit in person has its room for as long as it lasts; nothing else has one."""
    by_visit: dict[UUID, Rows] = defaultdict(list)
    for room in rooms:
        by_visit[room["appointment_id"]].append(room)
    for row in rows:
        mine = by_visit[row["id"]]
        assert len(mine) == (row["mode"] == "in_person" and row["placed"] == "booked"), row["id"]
        for room in mine:
            assert (room["during"].lower, room["during"].upper) == (row["starts_at"], row["ends_at"])
            assert room["live"] == (row["status"] in LIVE)


def history_is_complete(rows: Rows, steps: Rows) -> None:
    """From the first step to how it is now, each along the way there is; and each move begins where the last ended."""
    for row in rows:
        mine = [step for step in steps if step["appointment_id"] == row["id"]]
        states = [step["status"] for step in mine if step["status"] != "rescheduled"]
        assert states[0] in ("held", "requested", "confirmed")
        assert states[-1] == row["status"], (row["id"], states)
        assert all(after in NEXT[before] for before, after in pairwise(states)), states
        moves = [(step["from_at"], step["to_at"]) for step in mine if step["status"] == "rescheduled"]
        assert all(one[1] == other[0] for one, other in pairwise(moves)), moves
        assert not moves or moves[-1][1] == row["starts_at"]


async def everybody_will_be_reminded(world: World, rows: Rows, planned: int) -> None:
    """Of each visit to come at its present time; no other reminder speaks of a visit that stands at that time."""
    jobs = await world.sql("asha", "SELECT payload FROM jobs WHERE kind = 'appointments.remind'")
    told = [msgspec.json.decode(job["payload"]) if isinstance(job["payload"], str) else job["payload"] for job in jobs]
    known = {str(row["id"]): row for row in rows}
    right: dict[str, int] = defaultdict(int)
    for job in told:
        row = known[job["appointment_id"]]
        stands = row["status"] in ("confirmed", "checked_in")
        if stands and datetime.fromisoformat(job["starts_at"]) == row["starts_at"]:
            right[job["appointment_id"]] += 1
        else:  # void
            assert not stands or row["sequence"], job
    for row in rows:
        if row["status"] == "confirmed" and row["starts_at"] > now() + timedelta(days=1):
            assert right[str(row["id"])] == planned, (row["id"], right[str(row["id"])])


async def numbers_are_unique(world: World) -> None:
    entries = await world.sql("asha", "SELECT doctor_id, day, no FROM queue_entries ORDER BY 1, 2, 3")
    days: dict[Any, list[int]] = defaultdict(list)
    for entry in entries:
        days[entry["doctor_id"], entry["day"]].append(entry["no"])
    for numbers in days.values():
        assert numbers == list(range(1, len(numbers) + 1))


async def offers_are_holds(world: World, rows: dict[UUID, Any]) -> None:
    """An offer that is open is a hold of that person; one that was taken is a visit; nobody has two."""
    offers = await world.sql("asha", "SELECT * FROM waiting_list_offers")
    open_offers = [offer for offer in offers if offer["answer"] is None]
    assert len({offer["patient_id"] for offer in open_offers}) == len(open_offers)
    for offer in offers:
        row = rows[offer["appointment_id"]]
        assert row["patient_id"] == offer["patient_id"]
        assert (row["status"] == "held") == (offer["answer"] is None), (offer["answer"], row["status"])


async def who_is_displaced_was_asked(world: World, rows: Rows) -> None:
    leaves = await world.sql("asha", "SELECT * FROM leaves WHERE ended_at IS NULL")
    asked = {(r[0], r[1]) for r in await world.sql("asha", "SELECT appointment_id, leave_id FROM displacements")}
    for leave in leaves:
        for row in rows:
            meets = row["starts_at"] < leave["ends_at"] and leave["starts_at"] < row["ends_at"]
            if meets and row["doctor_id"] == leave["doctor_id"] and row["status"] in ("requested", "confirmed"):
                squeezed_later = row["placed"] == "squeezed" and row["made_at"] > leave["made_at"]
                assert (row["id"], leave["id"]) in asked or squeezed_later, (row["id"], row["placed"])


async def nothing_is_lost(world: World, rows: Rows, rooms: Rows, start: datetime, end: datetime) -> None:
    """What is free is exactly what is open and nobody has."""
    had = defaultdict(list)
    for room in rooms:
        had[room["appointment_id"]].append(room["resource_id"])
    visits = [msgspec.structs.replace(as_visit(row), resources=tuple(had[row["id"]])) for row in rows]
    doctors = []
    async with visit.to_clinic(world.house, "asha") as tx:
        zone = tx.clinic.zone
        for one in await schedule.practitioners(tx):
            hours = [
                Hours(h.weekday, h.opens, h.closes, tuple(h.modes), h.branch_id, tuple(h.resources))
                for h in await schedule.weekly_hours(tx, one.doctor_id)
            ]
            away = await world.sql(
                "asha", "SELECT starts_at, ends_at FROM leaves WHERE doctor_id = $1 AND ended_at IS NULL", one.doctor_id
            )
            doctors.append(
                Doctor(
                    one.doctor_id,
                    one.zone,
                    one.notice,
                    timedelta(days=60),
                    await schedule.offers_of(tx, one.doctor_id),
                    hours,
                    leaves=[tuple(row) for row in away],
                )
            )
        found = await schedule.free_times(tx, [d.id for d in doctors], from_at=start, to_at=end)
    clinic = Clinic(zone, doctors, visits=visits)
    expected = [s for s in offered(clinic, Asked(now(), start, end)) if s.free]
    assert [(t.starts_at, t.mode, t.doctor_id) for t in found] == [(s.starts_at, s.mode, s.doctor_id) for s in expected]


def as_visit(row: Any) -> Visit:
    ends = row["hold_expires_at"]
    return Visit(
        row["id"],
        row["doctor_id"],
        row["patient_id"],
        row["mode"],
        row["status"],
        row["placed"],
        row["starts_at"].replace(second=0, microsecond=0),
        row["ends_at"].replace(second=0, microsecond=0),
        row["before_minutes"],
        row["after_minutes"],
        None if ends is None else ends - now(),
    )
