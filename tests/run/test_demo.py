"""The two invented clinics that a newcomer finds. What was invented before there is a database: test_demo_plan.py."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from svastha.domain import accounts, directory, factors, queue, schedule, waiting_list
from svastha.domain.accounts import Actor, Grant
from svastha.doors import visit
from svastha.doors.cli.databases import ensure
from svastha.doors.cli.demo import fill, visits
from svastha.doors.cli.demo.branches import HOLIDAY
from svastha.doors.cli.demo.clock import ZONE
from svastha.doors.cli.demo.people import PASSWORD, PATIENTS
from svastha.doors.cli.demo.physicians import PHYSICIANS
from svastha.doors.cli.demo.weeks import POSTS
from svastha.doors.second_factors import drift_of
from svastha.doors.sign_in import sign_in
from svastha.doors.visit import House
from svastha.kit.connections import Connections
from svastha.kit.ids import uuid7
from svastha.wiring import build
from tests.conftest import settings_for

CLINICS = ("asha", "nadi")


@asynccontextmanager
async def empty_house(dsn: str, state_dir: Path) -> AsyncIterator[House]:
    prefix = f"demo_{uuid7().hex[-8:]}"
    house = build(settings_for(dsn, prefix, state_dir))
    await ensure(house, house.routing.control, "control")
    yield house
    await house.bell.close()
    await house.connections.close()
    admin = await asyncpg.connect(dsn)
    for name in ("control", *(f"clinic_{slug}" for slug in CLINICS)):
        await admin.execute(f"DROP DATABASE IF EXISTS {prefix}_{name} WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="module")
async def demo(anyio_backend: str, dsn: str, state_dir: Path) -> AsyncIterator[House]:
    async with empty_house(dsn, state_dir) as house:
        await fill(house)
        yield house


async def rows(house: House, place: str, sql: str) -> list[Any]:
    async with house.connections.borrowed(f"{house.settings.database_prefix}_{place}") as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


async def counts(house: House) -> list[Any]:
    found = await rows(house, "control", "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM grants)")
    for slug in CLINICS:
        found += await rows(
            house,
            f"clinic_{slug}",
            "SELECT (SELECT count(*) FROM patients), (SELECT count(*) FROM practitioners),"
            " (SELECT count(*) FROM appointments), (SELECT count(*) FROM appointment_steps),"
            " (SELECT count(*) FROM queue_entries), (SELECT count(*) FROM waiting_list),"
            " (SELECT count(*) FROM branches), (SELECT count(*) FROM leaves), (SELECT count(*) FROM jobs)",
        )
    return found


async def signed_in(house: House, contact: str) -> str:
    """With the code that the development mailbox shows, where one is asked for."""
    visitor = accounts.Visitor(address="203.0.113.9", network="203.0.113.9")
    try:
        signed = await sign_in(house, visitor, contact=contact, password=PASSWORD, kind="api")
    except accounts.SecondFactorRequired as more:
        async with visit.to_control(house) as tx:
            owner = await accounts.owner_of(tx, accounts.address_of(contact))
            assert owner
            code = await factors.current_code(tx, owner, drift=drift_of(house))
            assert code
            signed = await accounts.sign_in_second(
                tx, more.details["challenge"], code, visitor, kind="api", drift=drift_of(house)
            )
    return signed.access_token


async def test_everybody_promised_can_sign_in_and_may_what_she_should(demo: House) -> None:
    roles = {
        "patient1": set(),
        "patient40": set(),
        "doctor1": {("doctor", "asha")},
        "doctor7": {("doctor", "nadi")},
        "doctor12": {("doctor", "asha"), ("doctor", "nadi")},
        "desk1": {("receptionist", "asha")},
        "desk2": {("receptionist", "nadi")},
        "admin1": {("clinic_admin", "asha")},
        "admin2": {("clinic_admin", "nadi")},
        "pharmacy1": {("pharmacist", "asha")},
        "therapy1": {("therapist", "asha")},
        "accounts1": {("accountant", "asha"), ("accountant", "nadi")},
        "auditor1": {("auditor", "asha")},
        "support": {("support", None)},
        "applicant1": set(),
        "platform": {("platform_admin", None)},
    }
    slugs = {id: slug for slug, id in await rows(demo, "control", "SELECT slug, id FROM clinics")}
    for name, wanted in roles.items():
        token = await signed_in(demo, f"{name}@svastha.test")
        async with visit.to_control(demo) as tx:
            actor = await accounts.actor_of(tx, token, kind="api")
        assert actor
        assert {(g.role, slugs.get(g.clinic_id) if g.clinic_id else None) for g in actor.grants} == wanted
    names = [
        *(f"patient{n}" for n in range(1, 41)),
        *(f"doctor{n}" for n in range(1, 13)),
        *("desk1", "desk2", "admin1", "admin2", "platform", "support"),
        *("pharmacy1", "therapy1", "accounts1", "auditor1", *(f"applicant{n}" for n in range(1, 5))),
    ]
    async with visit.to_control(demo) as tx:
        for name in names:
            assert await accounts.owner_of(tx, accounts.Address("email", f"{name}@svastha.test")), name
    assert await rows(demo, "control", "SELECT count(*) FROM accounts") == [(len(names),)]


async def test_a_second_filling_costs_one_query(demo: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before, taken = await counts(demo), []
    found = Connections._found

    async def counted(self: Connections, database: str) -> Any:
        taken.append(database)
        return await found(self, database)

    monkeypatch.setattr(Connections, "_found", counted)
    await fill(demo)
    monkeypatch.undo()

    assert taken == [demo.routing.control]
    assert await counts(demo) == before


async def test_what_a_killed_filling_left_is_completed(
    dsn: str, state_dir: Path, demo: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = visits.write

    async def killed_at_nadi(tx: Any, *rest: Any) -> Any:
        if tx.clinic.slug == "nadi":
            raise KeyboardInterrupt
        return await write(tx, *rest)

    async with empty_house(dsn, state_dir) as house:
        monkeypatch.setattr(visits, "write", killed_at_nadi)
        with pytest.raises(KeyboardInterrupt):
            await fill(house)
        monkeypatch.undo()
        await fill(house)
        people, _, nadi = await counts(house)
        assert (people, nadi[:2]) == ((await counts(demo))[0], (await counts(demo))[2][:2])
        assert nadi[2] > 200


async def test_all_twelve_doctors_are_verified_and_found_at_once(demo: House) -> None:
    async with visit.to_control(demo) as tx:
        found = await directory.search(tx, directory.Query(limit=50), secret="s")
        first = await directory.search(tx, directory.Query(q="Aditi Kulkarni", mode="video"), secret="s")
        known = {s.code for s in await directory.specialties(tx)}, {one.code for one in await directory.languages(tx)}
    assert [bool(card.verified and card.next_free_at) for card in found.items] == [True] * 12
    assert {slug: len([c for c in found.items if slug in {p.slug for p in c.clinics}]) for slug in CLINICS} == {
        "asha": 8,
        "nadi": 6,
    }
    assert {code for p in PHYSICIANS for code in p.specialties} <= known[0]
    assert {code for p in PHYSICIANS for code in p.languages} <= known[1]
    assert first.items[0].next_free_at
    assert first.items[0].next_free_at < datetime.now(UTC) + timedelta(hours=9)


@pytest.mark.parametrize("slug", CLINICS)
async def test_no_two_visits_meet_not_even_those_that_are_over(demo: House, slug: str) -> None:
    overlaps = await rows(
        demo,
        f"clinic_{slug}",
        "SELECT a.id FROM appointments a JOIN appointments b ON a.id < b.id"
        " AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)"
        " AND 'cancelled' NOT IN (a.status, b.status) AND (a.patient_id = b.patient_id"
        " OR (a.doctor_id = b.doctor_id AND a.placed = 'booked' AND b.placed = 'booked'))",
    )
    assert overlaps == []


@pytest.mark.parametrize("slug", CLINICS)
async def test_coming_visits_lie_on_times_that_were_offered(demo: House, slug: str) -> None:
    class Undo(Exception):
        pass

    now = datetime.now(UTC)
    coming = await rows(
        demo,
        f"clinic_{slug}",
        "SELECT doctor_id, mode, starts_at, ends_at, fee_paise FROM appointments a"
        " WHERE starts_at > now() + interval '16 minutes'"
        " AND NOT EXISTS (SELECT FROM displacements d WHERE d.appointment_id = a.id)",
    )
    free: list[schedule.FreeTime] = []
    with pytest.raises(Undo):
        async with visit.to_clinic(demo, slug) as tx:
            await tx.run("UPDATE appointments SET status = 'cancelled', hold_expires_at = NULL")
            await tx.run("UPDATE offers SET notice = NULL")
            doctors = [p.doctor_id for p in await schedule.practitioners(tx)]
            free = await schedule.free_times(tx, doctors, from_at=now, to_at=now + timedelta(days=32))
            raise Undo
    assert len(coming) > 100
    assert set(coming) <= {(f.doctor_id, f.mode, f.starts_at, f.ends_at, f.fee_paise) for f in free}


async def test_the_first_patient_has_been_to_the_first_doctor_and_comes_again(demo: House) -> None:
    found = await rows(
        demo,
        "clinic_asha",
        "SELECT a.status, a.mode, a.starts_at > now() FROM appointments a JOIN patients p ON p.id = a.patient_id"
        " WHERE p.email = 'patient1@svastha.test' ORDER BY a.starts_at",
    )
    assert found == [("completed", "video", False), ("confirmed", "video", True)]
    jobs = Counter(
        kind for (kind,) in await rows(demo, "clinic_asha", "SELECT kind FROM jobs WHERE kind LIKE 'appointments%'")
    )
    assert jobs["appointments.tell_booked"] == 2  # and a follow-up
    assert 1 < jobs["appointments.remind"] < 120


async def test_there_is_something_to_decide_to_answer_and_to_review(demo: House) -> None:
    waiting = "SELECT state, count(*) FROM doctors WHERE state <> 'verified' GROUP BY 1 ORDER BY 1"
    assert await rows(demo, "control", waiting) == [("draft", 1), ("more_wanted", 1), ("submitted", 2)]
    assert await rows(demo, "control", "SELECT (SELECT count(*) FROM invitations), count(*) FROM api_keys") == [(1, 1)]
    assert await rows(demo, "clinic_asha", "SELECT count(*), count(reviewed_at) FROM openings") == [(2, 1)]
    family = "SELECT (SELECT count(*) FROM guardianships), (SELECT count(*) FROM guardian_invitations)"
    assert await rows(demo, "clinic_asha", family) == [(1, 1)]


async def test_people_wait_for_a_doctor_of_asha(demo: House) -> None:
    """Who is with him, who was called, and then in the order in which they will be."""
    here = (
        "FROM queue_entries q JOIN appointments a ON a.id = q.appointment_id JOIN patients p ON p.id = a.patient_id"
        " JOIN practitioners d ON d.doctor_id = q.doctor_id WHERE d.name = 'Dr Harpreet Singh Gill'"
    )
    names = [PATIENTS[number - 1].name for number in (13, 17, 8, 19, 10)]
    live = f"{here} AND a.status IN ('in_progress', 'checked_in')"
    order = "a.status DESC, q.called_at, q.priority = 'none', q.due_at"
    assert await rows(demo, "clinic_asha", f"SELECT p.name {live} ORDER BY {order}") == [(name,) for name in names]
    arrivals = await rows(demo, "clinic_asha", f"SELECT q.day, q.no, p.name {live} ORDER BY q.arrived_at")
    assert [name for *_, name in arrivals] == [PATIENTS[number - 1].name for number in (17, 13, 19, 8, 10)]
    known = f"SELECT count(*) {here} AND a.status = 'completed' AND a.mode = 'in_person'"
    assert (await rows(demo, "clinic_asha", known))[0][0] > 25
    async with visit.to_clinic(demo, "asha") as tx:
        desk = Actor(uuid7(), uuid7(), "", "", "en", "Asia/Kolkata", (Grant("receptionist", tx.clinic.id),))
        boards = await queue.board(tx, desk)
        shown = await queue.screen(tx)
    [waits] = [
        [line.wait for line in one.items if line.wait and line.status == "checked_in"]
        for one in boards
        if one.doctor_name == "Dr Harpreet Singh Gill"
    ]
    assert waits
    assert all(0 <= wait.low < wait.high < 180 for wait in waits)
    assert "Dr Harpreet Singh Gill" in {one.doctor_name for one in shown}


async def test_who_works_at_both_clinics_is_at_one_at_a_time(demo: House) -> None:
    kept = "SELECT next, count(*), count(DISTINCT doctor_id) FROM working_hours GROUP BY next"
    assert await rows(demo, "control", kept) == [(False, len(POSTS), 12)]
    meet = "SELECT e.* FROM working_hours w, works_elsewhere(w.doctor_id, w.clinic_id, w.zone, w.rules) e"
    assert await rows(demo, "control", meet) == []
    assert await rows(demo, "control", "SELECT kind FROM feeds ORDER BY kind") == [("doctor",), ("patient",)]


async def test_the_clinics_have_branches_rooms_and_rules(demo: House) -> None:
    house = (
        "SELECT (SELECT booking FROM house_rules), (SELECT count(*) FROM branches),"
        " (SELECT array_agg(DISTINCT kind ORDER BY kind) FROM resources), (SELECT count(*) FROM resources),"
        " (SELECT array_agg(DISTINCT day - (now() AT TIME ZONE 'Asia/Kolkata')::date) FROM holidays),"
        " (SELECT count(*) FROM exceptions WHERE repeats = 'weekly'), (SELECT count(*) > 5 FROM weekly_breaks)"
    )
    [asha], [nadi] = [await rows(demo, f"clinic_{slug}", house) for slug in CLINICS]
    assert asha == ("instant", 2, ["room", "therapy_room"], 3, [HOLIDAY["asha"][0]], 0, True)
    assert nadi == ("requested", 1, None, 0, None, 1, True)
    homes = "SELECT count(*) FROM offers WHERE mode = 'home_visit' AND travel_minutes > 0 AND areas <> '{}'"
    assert await rows(demo, "clinic_asha", homes) == [(2,)]


async def test_there_is_something_to_answer_in_the_days_to_come(demo: House) -> None:
    asked = (
        "SELECT p.email, d.answer FROM displacements d JOIN appointments a ON a.id = d.appointment_id"
        " JOIN patients p ON p.id = a.patient_id ORDER BY p.email"
    )
    expected = [(f"patient{number}@svastha.test", None) for number in (11, 3, 5)]
    assert await rows(demo, "clinic_asha", asked) == expected
    requests = "SELECT count(*) FROM appointments WHERE status = 'requested' AND starts_at > hold_expires_at"
    assert await rows(demo, "clinic_nadi", requests) == [(2,)]
    kinds = (
        "SELECT kind, count(*), count(DISTINCT (starts_at AT TIME ZONE 'Asia/Kolkata')::date), count(r.resource_id)"
        " FROM appointments LEFT JOIN reservations r ON r.appointment_id = id"
        " WHERE kind <> 'first' AND status = 'confirmed' GROUP BY kind ORDER BY kind"
    )
    [follow_up, series] = await rows(demo, "clinic_asha", kinds)
    assert follow_up[:2] == ("follow_up", 1)
    assert series == ("series", 5, 5, 5)


async def test_three_wait_for_a_full_doctor_and_one_has_an_offer(demo: House) -> None:
    async with visit.to_clinic(demo, "asha") as tx:
        desk = Actor(uuid7(), uuid7(), "", "", "en", "Asia/Kolkata", (Grant("receptionist", tx.clinic.id),))
        entries = [
            await waiting_list.seen_by(tx, desk, id)
            for id in await tx.value("SELECT array_agg(id ORDER BY turn) FROM waiting_list")
        ]
        assert [(one.state, one.place, one.people) for one in entries] == [
            ("offered", 1, 3),
            ("waiting", 2, 3),
            ("waiting", 3, 3),
        ]
        assert entries[0].open_offer
        first, last = (datetime.combine(day, time(), ZONE) for day in (entries[0].first_day, entries[0].last_day))
        [doctor] = {one.doctor_id for one in entries if one.doctor_id}
        assert not await schedule.free_times(
            tx, [doctor], from_at=first, to_at=last + timedelta(days=1), mode="in_person"
        )
