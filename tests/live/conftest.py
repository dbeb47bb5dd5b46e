import pytest

from tests.cast import World
from tests.morning import in_the_morning


@pytest.fixture
async def world(world: World) -> World:
    return await in_the_morning(world)
