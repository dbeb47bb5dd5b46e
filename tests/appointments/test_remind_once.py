"""A reminder is told once, whatever dies: see docs/reliability.md."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from svastha.adapters.smtp import Smtp
from svastha.domain import notifications
from svastha.domain.notifications import Deliver, Letter, NotTaken
from svastha.doors import jobs
from svastha.doors.jobs.worker import Worker
from svastha.kit.ids import uuid7
from tests.cast import MASTER_KEY, World

DYING = Path(__file__).parent / "dying_worker.py"


async def due(world: World) -> dict[str, Any]:
    """A visit within the hour whose reminder waits to be delivered. The mailbox is empty."""
    booked = await world.booked("ananya")
    await world.settle()
    await world.sql(
        "asha", "UPDATE appointments SET starts_at = now() + interval '9 min', ends_at = now() + interval '29 min'"
    )
    await world.sql(
        "asha",
        "UPDATE jobs SET run_at = now(), payload = payload || jsonb_build_object('since', now() - interval '9 days',"
        " 'starts_at', (SELECT starts_at FROM appointments)) WHERE kind = 'appointments.remind'"
        " AND (payload->>'minutes')::int = 10",
    )
    empty(world)
    return booked


def empty(world: World) -> None:
    """So that the mail server would not recognise a second copy."""
    shutil.rmtree(world.house.settings.mailbox_dir / "new", ignore_errors=True)
    (world.house.settings.mailbox_dir / "new").mkdir()


async def killed(world: World, when: str) -> None:
    """A worker process of its own that dies around the sending."""
    settings = world.house.settings
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(DYING),
        "asha",
        when,
        env={
            "PATH": os.environ["PATH"],
            "SVASTHA_MODE": "test",
            "SVASTHA_DATABASE_URL": settings.database_url,
            "SVASTHA_DATABASE_PREFIX": settings.database_prefix,
            "SVASTHA_STATE_DIR": str(settings.state_dir),
            "SVASTHA_SECRET": settings.secret,
            "SVASTHA_MASTER_KEY": MASTER_KEY,
            "SVASTHA_SMTP_HOST": settings.smtp_host,
            "SVASTHA_SMTP_PORT": str(settings.smtp_port),
            "SVASTHA_SMTP_TLS": "none",
            "SVASTHA_LOG_LEVEL": "error",
        },
    )
    assert await asyncio.wait_for(process.wait(), 60) == 9
    await again(world)


async def again(world: World) -> None:
    """Its lease runs out, or its pause after a failure; another worker looks."""
    await world.sql("asha", "UPDATE jobs SET leased_until = NULL, run_at = now() WHERE kind = 'notifications.deliver'")


async def states(world: World) -> list[tuple[str, str | None]]:
    rows = await world.sql(
        "asha", "SELECT state, reason FROM messages WHERE template = 'visit_reminder' ORDER BY made_at, place"
    )
    return [(row["state"], row["reason"]) for row in rows]


async def test_killed_after_the_mail_server_took_it(world: World) -> None:
    await due(world)
    await killed(world, "after")
    assert len(world.mail("ananya")) == 1
    empty(world)
    for _ in range(3):
        await world.settle()
        await again(world)
    assert world.mail("ananya") == [], "it is not repeated"
    assert await states(world) == [("unknown", "worker_died")]
    [left] = await world.sql("asha", "SELECT count(*) FROM jobs WHERE kind = 'notifications.deliver'")
    assert left[0] == 0
    page = await (await world.web("gita")).get("/c/asha/admin")
    assert "May not have arrived" in page.text


async def test_killed_on_the_way_to_the_mail_server_it_is_lost_and_seen_to_be(world: World) -> None:
    await due(world)
    await killed(world, "before")
    await world.settle()
    assert world.mail("ananya") == []
    assert await states(world) == [("unknown", "worker_died")]


async def test_other_messages_are_sent_again_with_the_same_id(world: World) -> None:
    """A confirmation is better told twice than lost; a mail server that looks at the Message-ID drops the second."""
    await world.booked("ananya")
    await killed(world, "after")
    [first] = world.mail("ananya")
    empty(world)
    await world.settle()
    assert [mail.id for mail in world.mail("ananya")] == [first.id]
    [row] = await world.sql("asha", "SELECT state FROM messages")
    assert row["state"] == "sent"


class Answers:
    """The mail server takes it or not, and says so, or not."""

    def __init__(self, way: Smtp, *, takes: bool, raises: Callable[[], Exception]) -> None:
        self._way, self._takes, self._raises = way, takes, raises
        self.asked = 0

    async def send(self, letter: Letter) -> str:
        self.asked += 1
        if self._takes:
            await self._way.send(letter)
        raise self._raises()


def by(world: World, way: Answers) -> Worker:
    deliver = partial(
        notifications.deliver,
        ways={"email": way},
        attempts=jobs.Attempts(world.house.connections, world.house.routing),
    )
    return Worker(msgspec.structs.replace(world.house, subscriptions={**world.house.subscriptions, Deliver: [deliver]}))


@pytest.mark.parametrize("takes", [True, False])
async def test_no_answer_is_no_reason_to_repeat_it(world: World, takes: bool) -> None:
    await due(world)
    way = Answers(Smtp(world.house.settings), takes=takes, raises=ConnectionResetError)
    while await by(world, way).drain("asha"):
        pass
    assert await states(world) == [("unknown", "no_answer")]
    await again(world)
    await world.settle()
    assert (way.asked, len(world.mail("ananya"))) == (1, int(takes))


async def test_a_certain_no_is_tried_again_until_it_is_taken_once(world: World) -> None:
    await due(world)
    way = Answers(Smtp(world.house.settings), takes=False, raises=lambda: NotTaken("down"))
    worker = by(world, way)
    while await worker.drain("asha"):
        pass
    assert way.asked == 1 and await states(world) == [("queued", None)]
    await again(world)
    await worker.drain("asha")
    assert way.asked == 2
    await again(world)
    await world.settle()
    assert await states(world) == [("sent", None)] and len(world.mail("ananya")) == 1
    [left] = await world.sql("asha", "SELECT count(*) FROM message_attempts")
    assert left[0] == 0


async def test_a_mail_server_that_is_not_there_has_certainly_not_taken_it(world: World) -> None:
    nowhere = Smtp(msgspec.structs.replace(world.house.settings, smtp_port=1))
    with pytest.raises(NotTaken):
        await nowhere.send(Letter(uuid7(), "ananya@cast.test", "subject", "body", "visit_reminder", "en"))


async def test_not_after_the_visit_has_begun(world: World) -> None:
    await due(world)
    worker = by(world, Answers(Smtp(world.house.settings), takes=False, raises=lambda: NotTaken("down")))
    while await worker.drain("asha"):
        pass
    assert await states(world) == [("queued", None)]
    await world.sql("asha", "UPDATE messages SET expires_at = now() WHERE template = 'visit_reminder'")
    await again(world)
    await world.settle()
    assert await states(world) == [("stopped", None)] and world.mail("ananya") == []


async def test_four_workers_at_once_tell_it_once(world: World) -> None:
    await due(world)
    workers = [Worker(world.house) for _ in range(4)]
    for _ in range(4):
        await asyncio.gather(*(worker.drain("asha") for worker in workers))
    assert len(world.mail("ananya")) == 1 and await states(world) == [("sent", None)]
