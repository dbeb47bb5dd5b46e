"""The day of a clinic ends in the middle of no test."""

from datetime import UTC, datetime

import pytest

from tests.cast import World

EAST = 10 - datetime.now(UTC).hour  # hours from Greenwich to where it is ten in the morning now
ZONE = f"Etc/GMT{-(EAST + 24 if EAST < -12 else EAST):+d}"


async def in_the_morning(world: World) -> World:
    """Asha is where it is morning, whatever the hour the test is run at."""
    await world.sql(None, "UPDATE clinics SET zone = $1 WHERE slug = 'asha'", ZONE)
    return world


@pytest.fixture(name="world")
async def world_in_the_morning(world: World) -> World:
    """To be imported where every test needs it."""
    return await in_the_morning(world)
