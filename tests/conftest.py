"""A real PostgreSQL, templates of its databases with the cast in them, and for each test databases of its own."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher
from litestar import Litestar

from svastha import settings
from svastha.adapters.mailbox import SmtpTwin
from svastha.domain.accounts import passwords
from svastha.doors.visit import House
from svastha.kit.connections import Connections
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7
from svastha.kit.log import set_up
from svastha.kit.postgres import Cluster
from svastha.main import create_app
from svastha.settings import Settings
from svastha.wiring import build
from tests.cast import MASTER_KEY, World, invent
from tests.databases import Databases


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "anyio_backend" not in item.keywords:
            item.add_marker(pytest.mark.anyio)


AS_IN_PRODUCTION = passwords._hasher  # a quarter of a second each


def pytest_configure() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process we start compiles the whole program again
    set_up("error")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # protects nobody, and takes no time
    passwords._hasher, passwords._nobody = quick, quick.hash("nobody's")[:-43] + "A" * 43


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.together import Together

    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture
def slow_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made and judged as they are where they protect somebody."""
    monkeypatch.setattr(passwords, "_hasher", AS_IN_PRODUCTION)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A test that sets logging up anew does so towards a stream that is closed when it ends."""
    before = structlog.get_config()["logger_factory"]
    yield
    if structlog.get_config()["logger_factory"] is not before:
        set_up("error")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def state_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="svastha-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def dsn(state_dir: Path) -> Iterator[str]:
    """Of a PostgreSQL that lives as long as this test process; or any other, for whoever wants to test against it."""
    given = os.environ.get("SVASTHA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    cluster = Cluster(state_dir, fast=True, settings={"autovacuum": "off"})
    yield cluster.start()
    cluster.stop()


def settings_for(dsn: str, prefix: str, state_dir: Path, **more: str) -> Settings:
    return settings.load(
        {
            "SVASTHA_MODE": "test",
            "SVASTHA_DATABASE_URL": dsn,
            "SVASTHA_DATABASE_PREFIX": prefix,
            "SVASTHA_STATE_DIR": str(state_dir),
            "SVASTHA_SECRET": "for tests alone, of no value anywhere else",
            "SVASTHA_MASTER_KEY": MASTER_KEY,
            "SVASTHA_SMTP_HOST": "127.0.0.1",
            "SVASTHA_SMTP_TLS": "none",
            "SVASTHA_LOG_LEVEL": "error",
            "SVASTHA_TURN_SECRET": "turn secret for tests alone",
            **more,
        }
    )


@pytest.fixture(scope="session")
def template(dsn: str, state_dir: Path) -> str:
    """Prefix of the migrated databases with the cast in them."""
    prefix = f"tpl_{uuid7().hex[-8:]}"
    asyncio.run(invent(build(settings_for(dsn, prefix, state_dir))))
    return prefix


@pytest.fixture(scope="session")
def databases(dsn: str, template: str) -> Iterator[Databases]:
    found = Databases(dsn, template)
    asyncio.run(found.open())
    yield found
    asyncio.run(found.close())


# Registering all routes takes seven times as long as making databases. An application keeps nothing of its house.
_apps: list[Litestar] = []


@asynccontextmanager
async def registered(house: House) -> AsyncIterator[Litestar]:
    """An application with all routes, for this house."""
    app = _apps.pop() if _apps else create_app(house)
    app.state.house = house
    yield app
    _apps.append(app)


@asynccontextmanager
async def opened(dsn: str, prefix: str, folder: Path, **more: str) -> AsyncIterator[World]:
    """The whole house in this process, reached through its doors. ``more``: settings."""
    twin = SmtpTwin(folder / "mailbox")
    port = str(await asyncio.to_thread(twin.start))
    house = build(settings_for(dsn, prefix, folder, **{"SVASTHA_SMTP_PORT": port, **more}))
    async with registered(house) as app:
        world = World(house, app)
        await world.open()
        yield world
        await world.close()
    await asyncio.to_thread(twin.stop)


@pytest.fixture
async def prefix(anyio_backend: str, databases: Databases) -> AsyncIterator[str]:
    """Prefix of this test's own databases."""
    async with databases.own() as name:
        yield name


@pytest.fixture
async def world(anyio_backend: str, dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    async with opened(dsn, prefix, tmp_path) as world:
        yield world


@pytest.fixture
async def control_tx(anyio_backend: str, dsn: str, prefix: str, state_dir: Path) -> AsyncIterator[ControlTx]:
    """A transaction in this test's control database, thrown away afterwards."""
    connections = Connections(dsn)
    connection = await connections.connect(f"{prefix}_control")
    house = build(settings_for(dsn, prefix, state_dir))
    yield ControlTx(connection, await house.routing.keyring())
    await connection.close()
    await house.connections.close()
