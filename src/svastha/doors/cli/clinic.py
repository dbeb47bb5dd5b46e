"""``svastha clinic``: which there are, where they lie, new ones, and moving them."""

import argparse
from zoneinfo import available_timezones

import asyncpg

from svastha.domain import clinics
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit.connections import split
from svastha.kit.refusals import Busy
from svastha.kit.runtime_role import RoleTrouble
from svastha.settings import MAIN, Settings

from . import databases
from .equip import CannotStart
from .move import drop_left, move
from .servers import Server


async def work(settings: Settings, asked: argparse.Namespace) -> None:
    """Raises CannotStart or ClusterTrouble."""
    from svastha.wiring import build

    house = build(settings)
    try:
        match asked.verb:
            case "list":
                told = await _list(house)
            case "create":
                told = await _create(house, asked)
            case "move":
                told = await move(house, asked.slug, asked.to)
            case _:
                told = await drop_left(house, asked.slug)
    except Busy:
        raise CannotStart("The control database is not to be had. Is it there, and migrated?") from None
    except RoleTrouble as trouble:
        raise CannotStart(trouble) from None
    finally:
        await house.bell.close()
        await house.connections.close()
    print(told, flush=True)


async def _list(house: House) -> str:
    async with house.routing.reading_control() as tx:
        found = await clinics.addresses(tx)
    return "\n".join(f"{slug:32} {split(address)[1] or MAIN}" for slug, address in found.items())


async def _create(house: House, asked: argparse.Namespace) -> str:
    """Again after a crash: the same clinic, finished."""
    server = Server(house, asked.on)
    if asked.zone not in available_timezones():
        raise CannotStart(f"{asked.zone} is no time zone.")
    if server.name:
        await databases.ready(house, server.name)
    try:
        async with visit.to_control(house) as tx:
            clinic_id = await clinics.provision(
                tx,
                slug=asked.slug,
                name=asked.name,
                address=asked.address,
                city=asked.city,
                state=asked.state,
                phone=asked.phone,
                zone=asked.zone,
                database=server.address(f"{house.settings.database_prefix}_clinic_{asked.slug}"),
                locksmith=house.routing.locksmith,
            )
            address = (await clinics.addresses(tx))[asked.slug]
    except asyncpg.CheckViolationError:
        raise CannotStart("A clinic's name in addresses has 3 to 32 small letters, digits and hyphens.") from None
    await databases.ensure(house, address, "clinic")
    async with visit.to_control(house) as tx:
        await clinics.open_doors(tx, clinic_id)
    return f"{asked.slug} is open, on {split(address)[1] or MAIN}."
