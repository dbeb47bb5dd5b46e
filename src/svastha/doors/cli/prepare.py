"""Everything that has to be there before the first request. Repeating any of it changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from svastha.doors.cli.databases import migrate_all
from svastha.doors.visit import House
from svastha.kit.runtime_role import RoleTrouble
from svastha.settings import Settings


class CannotPrepare(Exception):
    """What stands in the way, one line for each database."""


async def prepare(settings: Settings) -> None:
    """Databases made and migrated; in development the two demo clinics, filled once."""
    await migrate(settings)
    if not settings.production:
        await demo(settings)


async def migrate(settings: Settings) -> None:
    async with _house(settings) as house:
        try:
            failed = await migrate_all(house)
        except RoleTrouble as trouble:
            raise CannotPrepare(trouble) from None
        if failed:
            raise CannotPrepare("\n".join(f"{name} could not be migrated: {why}" for name, why in failed.items()))


async def demo(settings: Settings) -> None:
    from svastha.doors.cli.demo import fill

    async with _house(settings) as house:
        await fill(house)


@asynccontextmanager
async def _house(settings: Settings) -> AsyncIterator[House]:
    from svastha.wiring import build

    house = build(settings)
    try:
        yield house
    finally:
        await house.bell.close()
        await house.connections.close()
