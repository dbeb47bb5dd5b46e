from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from svastha.wiring import build
from tests.cast import World
from tests.conftest import settings_for


@pytest.fixture
async def inside(anyio_backend: str, dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    """The house with its doors closed, for what happens behind them."""
    house = build(settings_for(dsn, prefix, tmp_path))
    yield World(house, None)
    await house.bell.close()
    await house.connections.close()
