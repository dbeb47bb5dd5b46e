"""That the truths of ``make chaos`` are seen to be broken when they are: each test breaks one by hand."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest

from chaos.__main__ import verdict
from chaos.load import IN_PROGRESS, Load, Notes
from chaos.stand import Stand
from chaos.told import BACK, Told
from chaos.truths import all_kept, answers
from svastha.doors import visit
from svastha.kit import idempotency
from svastha.main import create_site
from tests.conftest import registered


@pytest.fixture
async def stand(anyio_backend: str, dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[Stand]:
    stand = Stand(dsn, prefix, tmp_path, {})
    await stand.open()
    yield stand
    await stand.close()


@pytest.fixture
async def load(stand: Stand) -> AsyncIterator[Load]:
    """After a morning on which all went well. The house is in this process."""
    async with registered(stand.house) as app, app.lifespan():
        load = Load(stand, 80, random.Random(1), pace=0.02, transport=httpx.ASGITransport(create_site(app)))  # type: ignore[arg-type]
        await load.prepare(4, days=2)
        load.begin()
        await load.under_way()
        await load.end()
        yield load
        await load.close()


async def broken(stand: Stand, load: Load, *also: str, mails: bool = False) -> list[str]:
    """What ``python -m chaos`` would say is broken, and whether it would fail."""
    told = Told("test", "")
    await load.finish()
    if mails:
        await stand.world.settle()
    await all_kept(told, stand, load, also, mails=mails)
    assert verdict([told], seed=1, seconds=0) == bool(told.broken)
    return told.broken


async def test_a_house_that_keeps_its_promises_passes(stand: Stand, load: Load) -> None:
    assert not await broken(stand, load, mails=True)


async def test_a_load_that_asked_for_nothing_fails(stand: Stand) -> None:
    [what] = await broken(stand, Load(stand, 80, random.Random(1)))
    assert what == "enough was acknowledged: 0 visits, 0 cancellations, 0 notes"


def standing(load: Load) -> list[UUID]:
    return [id for id, wish in load.ids().items() if not wish.cancelling]


async def loses_a_visit(stand: Stand, load: Load) -> None:
    asha = await asyncpg.connect(stand.dsn, database=f"{stand.prefix}_clinic_asha")
    await asha.execute("SET session_replication_role = replica")  # no foreign keys
    await asha.execute("DELETE FROM appointments WHERE id = $1", standing(load)[0])
    await asha.close()


async def cancels_by_itself(stand: Stand, load: Load) -> None:
    await stand.sql("asha", "UPDATE appointments SET status = 'cancelled' WHERE id = $1", standing(load)[0])


async def keeps_a_visit_nobody_was_told_of(stand: Stand, load: Load) -> None:
    wish = load.ids()[standing(load)[0]]
    load.wishes.remove(wish)


async def tells_a_key_two_visits(stand: Stand, load: Load) -> None:
    one, other = (load.ids()[id] for id in standing(load)[:2])
    one.told |= other.told


async def sells_a_time_twice(stand: Stand, load: Load) -> None:
    one, other = standing(load)[:2]
    for row in await stand.sql(
        "asha", "SELECT conname FROM pg_constraint WHERE contype = 'x' AND conrelid = 'appointments'::regclass"
    ):
        await stand.sql("asha", f"ALTER TABLE appointments DROP CONSTRAINT {row['conname']}")
    await stand.sql(
        "asha",
        "UPDATE appointments a SET starts_at = b.starts_at, ends_at = b.ends_at FROM appointments b"
        " WHERE a.id = $1 AND b.id = $2",
        one,
        other,
    )


async def loses_a_note(stand: Stand, load: Load) -> None:
    visit = next(visit for visit, known in load.notes.items() if known.version)
    await stand.sql("asha", "DELETE FROM notes WHERE appointment_id = $1", UUID(visit))


async def keeps_an_older_note(stand: Stand, load: Load) -> None:
    known: Notes = next(known for known in load.notes.values() if known.version)
    known.version += 1


async def does_not_hear_a_cancellation(stand: Stand, load: Load) -> None:
    mine = load.ids()[standing(load)[0]]
    mine.cancelling = True
    mine.token = next(wish.token for wish in load.wishes if wish.token != mine.token)


@pytest.mark.parametrize(
    ("harm", "truth"),
    [
        (loses_a_visit, "acknowledged visits are stored"),
        (cancels_by_itself, "no other is"),
        (keeps_a_visit_nobody_was_told_of, "that nobody was told of"),
        (tells_a_key_two_visits, "no key was told two visits"),
        (sells_a_time_twice, "no two visits of a doctor overlap"),
        (loses_a_note, "notes are as they were last acknowledged"),
        (keeps_an_older_note, "notes are as they were last acknowledged"),
        (does_not_hear_a_cancellation, "cancellations was acknowledged in the end"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
async def test_a_house_fails_that(
    stand: Stand, load: Load, harm: Callable[[Stand, Load], Awaitable[None]], truth: str
) -> None:
    await harm(stand, load)
    assert any(truth in what for what in await broken(stand, load))


async def test_a_house_fails_whose_messages_and_jobs_go_missing(stand: Stand, load: Load) -> None:
    await stand.sql("asha", "UPDATE jobs SET set_aside_at = now(), attempts = 8 WHERE kind <> 'appointments.remind'")
    await stand.sql(
        "asha",
        "DELETE FROM jobs WHERE id = (SELECT id FROM jobs WHERE kind = 'appointments.remind'"
        " AND (payload->>'appointment_id')::uuid = $1 LIMIT 1)",
        standing(load)[0],
    )
    confirmed = len(standing(load))
    assert await broken(stand, load, mails=True) == [
        "no job was set aside",
        f"{confirmed} visits to come were confirmed by one mail each",
        f"{confirmed} visits to come have their 3 reminders each",
    ]


async def test_a_house_fails_that_never_lets_a_key_go(stand: Stand, load: Load) -> None:
    wish = load.wanted()
    _, me = await load.ask("GET", "/me", wish.token)
    assert me
    async with visit.to_clinic(stand.house, "asha") as tx:
        route = "/api/v1/clinics/asha/appointments"
        await idempotency.begin(
            tx, key=wish.key, account_id=UUID(me.json()["id"]), method="POST", route=route, body=b""
        )
        [what] = await broken(stand, load, IN_PROGRESS)
    assert what == f"each of {len(load.wishes)} wishes ended with a visit or a refusal"
    assert load.seen.counts[IN_PROGRESS] > 1


@pytest.mark.parametrize(
    "said", ["500 None", "no answer", "cut off", "503 without Retry-After", "401 not_signed_in", "404 not_found"]
)
def test_an_answer_that_does_not_belong_to_the_trouble_fails(tmp_path: Path, said: str) -> None:
    stand = Stand("", "", tmp_path, {})
    load = Load(stand, 80, random.Random(1))
    for each in ("201", "409 slot_taken", "503", said):
        load.seen.add(each, 0.1)
    for also in (["503"], ["503", said]):
        told = Told("test", "")
        answers(told, stand, load, also)
        assert verdict([told], seed=1, seconds=0) == (said not in also)


async def test_a_house_that_never_gets_well_fails(stand: Stand) -> None:
    busy = httpx.MockTransport(lambda _: httpx.Response(503, headers={"retry-after": "1"}))
    load = Load(stand, 80, random.Random(1), transport=busy)
    await load.prepare(1, days=1)
    told = Told("test", "")
    told.well("requests are answered", await load.well(since=0, within=0.1), BACK)
    await load.close()
    assert verdict([told], seed=1, seconds=0) == 1
