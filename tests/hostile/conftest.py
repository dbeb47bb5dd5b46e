from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cast import World
from tests.conftest import cloned, opened


@pytest.fixture(scope="module")
async def a_house(
    anyio_backend: str, dsn: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """One for all tests of a file, which leave nothing in it that the next would mind."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    async with cloned(dsn, template) as prefix, opened(dsn, prefix, folder) as world:
        yield world
