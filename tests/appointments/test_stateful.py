"""A clinic in turmoil: everybody does something to the same few hours at once, and the calendar stays right."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from svastha.domain import appointments, queue, schedule, waiting_list
from svastha.domain.accounts import Actor, Grant
from svastha.doors import visit
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.refusals import Refusal
from tests.appointments.truths import all_true
from tests.cast import IDS, IYER, RAO, World

ROUNDS, AT_ONCE, LOOK_EVERY = 100, 6, 20
HERE, ROOM = UUID(int=0xB1), UUID(int=0xC1)
INDIA = ZoneInfo("Asia/Kolkata")


class Turmoil:
    def __init__(self, world: World, clinic_id: UUID, day: date, seed: int) -> None:
        self.world, self.day, self.dice = world, day, random.Random(seed)
        self.people = [Actor(UUID(int=n), uuid7(), "", f"Patient {n}", "en", "Asia/Kolkata") for n in range(1, 9)]
        self.desk = Actor(
            IDS["farida"], uuid7(), "", "Farida", "en", "Asia/Kolkata", (Grant("receptionist", clinic_id),)
        )
        self.doctors = {
            id: Actor(id, uuid7(), "", "A doctor", "en", "Asia/Kolkata", (Grant("doctor", clinic_id),))
            for id in (RAO, IYER)
        }
        self.did: Counter[str] = Counter()
        self.troubles: list[BaseException] = []

    def wish(self) -> Any:
        """Some time of some doctor; often enough one that is offered."""
        mode = self.dice.choice(("video", "in_person"))
        step = 10 if self.dice.random() < 0.1 else 20 if mode == "video" else 30
        first = datetime.combine(self.day, time(9), INDIA).astimezone(UTC)
        at = first + timedelta(minutes=step * self.dice.randrange(180 // step))
        return {"doctor_id": self.dice.choice((RAO, IYER)), "starts_at": at, "mode": mode}

    async def act(self) -> None:
        verb = self.dice.choice(VERBS)
        try:
            async with visit.to_clinic(self.world.house, "asha") as tx:
                if await verb(self, tx, self.dice.choice(self.people)):
                    self.did[verb.__name__] += 1
        except Refusal as refused:
            self.did[refused.code] += 1
        except BaseException as trouble:
            self.troubles.append(trouble)

    async def some(self, tx: ClinicTx, condition: str, **values: Any) -> UUID | None:
        """Any one of the visits of which this is true."""
        found: list[UUID] = await tx.value(f"SELECT array_agg(id) FROM appointments WHERE {condition}", **values) or []
        return self.dice.choice(found) if found else None


async def book(at: Turmoil, tx: ClinicTx, who: Actor) -> bool:
    return bool(await appointments.book(tx, who, **at.wish()))


async def hold(at: Turmoil, tx: ClinicTx, who: Actor) -> bool:
    return bool(await appointments.hold(tx, who, minutes=10, **at.wish()))


async def hold_and_book(at: Turmoil, tx: ClinicTx, who: Actor) -> bool:
    wish = at.wish()
    held = await appointments.hold(tx, who, minutes=10, **wish)
    return bool(await appointments.book(tx, who, hold_id=held.id, **wish))


async def let_run_out(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    """As time would do it."""
    return bool(
        await tx.run(
            "UPDATE appointments SET hold_expires_at = now() - interval '1 s' WHERE id = (SELECT id FROM appointments"
            " WHERE status = 'held' AND NOT offered LIMIT 1 FOR UPDATE SKIP LOCKED)"
        )
    )


async def cancel(at: Turmoil, tx: ClinicTx, who: Actor) -> bool:
    id = await at.some(tx, "status IN ('confirmed', 'requested') AND placed <> 'walk_in'")
    return bool(id and await appointments.cancel(tx, at.desk, id))


async def move_mine(at: Turmoil, tx: ClinicTx, who: Actor) -> bool:
    id = await at.some(
        tx,
        "status IN ('confirmed', 'requested') AND patient_id IN (SELECT id FROM patients WHERE account_id = :me)",
        me=who.account_id,
    )
    wish = at.wish()
    return bool(id and await appointments.reschedule(tx, who, id, starts_at=wish["starts_at"], mode=wish["mode"]))


async def move_at_the_desk(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    id = await at.some(tx, "status IN ('confirmed', 'requested') AND placed <> 'walk_in'")
    return bool(id and await appointments.reschedule(tx, at.desk, id, **at.wish()))


async def squeeze_in(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    patient = await tx.value("SELECT id FROM patients ORDER BY random() LIMIT 1")
    return bool(patient and await appointments.squeeze_in(tx, at.desk, patient_id=patient, why="In pain", **at.wish()))


async def answer(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    id = await at.some(tx, "status = 'requested'")
    if id and at.dice.random() < 0.3:
        return bool(await appointments.decline(tx, at.desk, id, why="She is away"))
    return bool(id and await appointments.confirm(tx, at.desk, id))


async def change_booking(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    how = at.dice.choice(("instant", "instant", "requested"))
    return bool(await tx.run("UPDATE house_rules SET booking = :how", how=how))


async def leave(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    """Two hours off; or back, if she is off."""
    doctor = at.dice.choice(list(at.doctors.values()))
    if off := await schedule.leaves(tx, doctor, doctor.account_id):
        await schedule.end_leave(tx, doctor, doctor.account_id, off[0].id)
    else:
        begin: datetime = at.wish()["starts_at"]
        await schedule.take_leave(tx, doctor, doctor.account_id, starts_at=begin, ends_at=begin + timedelta(minutes=50))
    return True


async def join(at: Turmoil, tx: ClinicTx, who: Actor) -> bool:
    doctor = at.dice.choice((RAO, IYER, None))
    mode: Any = at.dice.choice(("video", "in_person"))
    wish = waiting_list.Wish(mode, at.day, at.day, doctor)
    return bool(await waiting_list.join(tx, who, wish))


async def answer_offer(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    for who in at.people:
        for entry in await waiting_list.of_account(tx, who):
            if entry.open_offer:
                verb = at.dice.choice(
                    (waiting_list.accept, waiting_list.accept, waiting_list.decline, waiting_list.leave)
                )
                await verb(tx, who, entry.id)  # type: ignore[operator]
                return True
    return False


async def walk_in(at: Turmoil, tx: ClinicTx, _: Actor) -> bool:
    patient = await tx.value("SELECT id FROM patients ORDER BY random() LIMIT 1")
    doctor = at.dice.choice((RAO, IYER))
    return bool(patient and await queue.walk_in(tx, at.desk, patient_id=patient, doctor_id=doctor))


VERBS: list[Callable[[Turmoil, ClinicTx, Actor], Awaitable[bool]]] = [
    *[book, hold, hold_and_book] * 3,
    *[cancel, move_mine, move_at_the_desk, let_run_out, answer_offer] * 2,
    *[squeeze_in, answer, change_booking, leave, join, walk_in],
]


async def test_whatever_people_do_at_once_the_calendar_stays_right(world: World) -> None:
    day = datetime.now(INDIA).date() + timedelta(days=4)
    clinic_id = await open_clinic(world, day)
    turmoil = Turmoil(world, clinic_id, day, seed=20261121)
    start = datetime.combine(day, time(0), INDIA).astimezone(UTC)
    for round in range(1, ROUNDS + 1):
        await asyncio.gather(*(turmoil.act() for _ in range(AT_ONCE)))
        assert not turmoil.troubles, turmoil.troubles
        if round % 5 == 0:
            await asyncio.gather(world.settle(), turmoil.act(), turmoil.act())
        if round % LOOK_EVERY == 0:
            await world.settle()
            await all_true(world, start, start + timedelta(days=1), planned=3)
    deadlocks = await world.sql("asha", "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks[0][0] == 0
    idle = [verb.__name__ for verb in VERBS if not turmoil.did[verb.__name__]]
    assert not idle, (idle, turmoil.did)


async def open_clinic(world: World, day: date) -> UUID:
    """Two doctors who share a room, for three hours of one day."""
    await world.sql("asha", "UPDATE house_rules SET quiet_from = '03:00', quiet_until = '03:00'")
    await world.sql("asha", "INSERT INTO branches (id, name) VALUES ($1, 'Here')", HERE)
    await world.sql(
        "asha", "INSERT INTO resources (id, branch_id, kind, name) VALUES ($1, $2, 'room', '1')", ROOM, HERE
    )
    async with visit.to_clinic(world.house, "asha") as tx:
        for doctor in (RAO, IYER):
            offers = [
                schedule.Offer("video", 20, 50000),
                schedule.Offer("in_person", 25, 40000, before_minutes=0, after_minutes=5),
            ]
            await schedule.practise(tx, doctor_id=doctor, name="A doctor", zone="Asia/Kolkata", offers=offers)
            await schedule.set_weekly_hours(
                tx,
                doctor,
                [
                    schedule.Hours(day.isoweekday(), time(9), time(12), ("video",)),
                    schedule.Hours(day.isoweekday(), time(9), time(12), ("in_person",), HERE, (ROOM,)),
                ],
            )
        return tx.clinic.id
