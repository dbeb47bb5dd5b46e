"""The two invented clinics that a newcomer finds."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from svastha.domain import accounts, directory, factors, schedule
from svastha.doors import visit
from svastha.doors.cli.databases import ensure
from svastha.doors.cli.demo import fill, visits
from svastha.doors.cli.demo.people import PASSWORD, PATIENTS, PATIENTS_OF
from svastha.doors.cli.demo.physicians import PHYSICIANS
from svastha.doors.cli.demo.plan import ZONE, plan
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
            " (SELECT count(*) FROM jobs)",
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
        " AND (a.doctor_id = b.doctor_id OR a.patient_id = b.patient_id)",
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
        "SELECT doctor_id, mode, starts_at, ends_at, fee_paise FROM appointments"
        " WHERE starts_at > now() + interval '16 minutes'",
    )
    free: list[schedule.FreeTime] = []
    with pytest.raises(Undo):
        async with visit.to_clinic(demo, slug) as tx:
            await tx.run("UPDATE appointments SET status = 'completed'")
            doctors = [p.doctor_id for p in await schedule.practitioners(tx)]
            free = await schedule.free_times(tx, doctors, from_at=now, to_at=now + timedelta(days=16))
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
    assert jobs["appointments.tell_booked"] == 1
    assert 1 < jobs["appointments.remind"] < 100


def moments() -> Iterator[datetime]:
    for hour in range(0, 24 * 7, 5):  # five hours apart: every weekday, and all parts of the day
        yield datetime(2026, 3, 2, 0, 7, tzinfo=ZONE) + timedelta(hours=hour)


@pytest.mark.parametrize("at", list(moments()), ids=lambda at: f"{at:%a-%H:%M}")
def test_the_plan_holds_at_any_hour(at: datetime) -> None:
    planned = plan(at)
    by_doctor, by_patient, a_day = defaultdict(list), defaultdict(list), Counter[Any]()
    for one in planned:
        by_doctor[one.opening.doctor].append(one)
        by_patient[one.patient].append(one)
        a_day[one.clinic, one.opening.starts_at.date()] += 1
        assert one.patient in PATIENTS_OF[one.clinic]
        assert [s.at for s in one.steps] == sorted(s.at for s in one.steps)
        assert all(s.at <= at for s in one.steps)
        assert one.opening.ends_at > at or one.status in ("completed", "no_show", "cancelled")
    assert len(a_day) == 2 * 29
    assert all(8 <= count <= 14 for count in a_day.values())
    for those in [*by_doctor.values(), *by_patient.values()]:
        those.sort(key=lambda one: one.opening.starts_at)
        assert all(a.opening.ends_at <= b.opening.starts_at for a, b in pairwise(those))
    today = [one for one in by_doctor[1] if one.opening.starts_at.date() == at.date()]
    wanted = {"completed", "checked_in", "confirmed"} if 8 <= at.hour < 20 else set()
    assert wanted <= {one.status for one in today}
    assert [one.opening.doctor for one in by_patient[1]] == [1]


def test_the_cast_is_what_was_promised() -> None:
    assert (len(PATIENTS), len(PHYSICIANS)) == (40, 12)
    assert {p.locale for p in PATIENTS} == {"en", "hi"}
    assert {p.gender for p in PHYSICIANS} == {"female", "male", "other"}
    assert all(30_000 <= o.fee_paise <= 120_000 and 15 <= o.minutes <= 30 for post in POSTS for o in post.offers)
    assert {o.mode for post in POSTS for o in post.offers} == set(schedule.MODES)
    assert {post.doctor for post in POSTS if any(o.mode == "video" for o in post.offers)} == set(range(1, 13))


async def test_there_is_something_to_decide_to_answer_and_to_review(demo: House) -> None:
    waiting = "SELECT state, count(*) FROM doctors WHERE state <> 'verified' GROUP BY 1 ORDER BY 1"
    assert await rows(demo, "control", waiting) == [("draft", 1), ("more_wanted", 1), ("submitted", 2)]
    assert await rows(demo, "control", "SELECT (SELECT count(*) FROM invitations), count(*) FROM api_keys") == [(1, 1)]
    assert await rows(demo, "clinic_asha", "SELECT count(*), count(reviewed_at) FROM openings") == [(2, 1)]
    family = "SELECT (SELECT count(*) FROM guardianships), (SELECT count(*) FROM guardian_invitations)"
    assert await rows(demo, "clinic_asha", family) == [(1, 1)]
