"""The house with a twin of every channel. Reports are handed to its hooks by ``hand_over``, when a test wants them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from svastha.adapters import mailbox
from svastha.adapters.sms_twin import SmsTwin
from svastha.adapters.twin import HttpTwin
from svastha.adapters.whatsapp_twin import WhatsAppTwin
from tests.cast import World
from tests.conftest import opened


def inbox(world: World, to: str) -> list[mailbox.Message]:
    """What arrived at an address or a number, newest first."""
    return mailbox.read(world.house.settings.mailbox_dir, to=to)


HandOver = Callable[[], Awaitable[list[int]]]


@pytest.fixture
async def whatsapp(anyio_backend: str, tmp_path: Path) -> AsyncIterator[WhatsAppTwin]:
    twin = WhatsAppTwin(tmp_path / "mailbox")
    twin.start()
    yield twin
    await asyncio.to_thread(twin.stop)


@pytest.fixture
async def sms(anyio_backend: str, tmp_path: Path) -> AsyncIterator[SmsTwin]:
    twin = SmsTwin(tmp_path / "mailbox")
    twin.start()
    yield twin
    await asyncio.to_thread(twin.stop)


@pytest.fixture
async def world(dsn: str, prefix: str, tmp_path: Path, whatsapp: WhatsAppTwin, sms: SmsTwin) -> AsyncIterator[World]:
    async with opened(dsn, prefix, tmp_path, **whatsapp.environ(), **sms.environ()) as world:
        yield world


@pytest.fixture
def hand_over(world: World, whatsapp: WhatsAppTwin, sms: SmsTwin) -> HandOver:
    """Brings what the twins have to report, answers the statuses, and does the work that follows."""

    async def to_hooks() -> list[int]:
        statuses = []
        twins: list[tuple[str, HttpTwin]] = [("whatsapp", whatsapp), ("sms", sms)]
        for name, twin in twins:
            while twin.reports:
                report = twin.reports.pop(0)
                client = await world.web()
                answer = await client.post(f"/hooks/{name}", content=report.body, headers=report.headers)
                statuses.append(answer.status_code)
        await world.settle()
        return statuses

    return to_hooks
