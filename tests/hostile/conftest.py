from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cast import World
from tests.conftest import opened
from tests.databases import Databases


@pytest.fixture(scope="module")
async def a_house(
    anyio_backend: str, dsn: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """One for all tests of a file, which leave nothing in it that the next would mind."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    async with databases.own() as prefix, opened(dsn, prefix, folder, SVASTHA_WHATSAPP_APP_SECRET="s") as world:
        yield world
