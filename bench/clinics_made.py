"""Clinics by the hundred: founded as the product does it, or copied where only their number matters."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time, sleep
from uuid import UUID

import asyncpg

from bench.stand import Stand, spent_by
from svastha.domain import clinics
from svastha.doors import visit
from svastha.doors.cli.databases import ensure

SIZE = 11 * 2**20  # bytes of an empty clinic's database
SPARE = 4 * 2**30  # bytes that remain for everything else
MEMORY = Path("/dev/shm")


def fits_in_memory(number: int) -> bool:
    """So many databases: in the folder that is kept in memory, and in the memory that is free."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    return MEMORY.is_dir() and min(shutil.disk_usage(MEMORY).free, available) > number * SIZE + SPARE


def slugs(first: int, last: int) -> list[str]:
    return [f"c{number:04}" for number in range(first, last + 1)]


async def founded(here: Stand, names: Sequence[str]) -> tuple[list[float], float]:
    """One after the other, as the product does it. Milliseconds each, and milliseconds of processor time of each."""
    took, spent = [], spent_by(here.postgres) + process_time()
    for slug in names:
        began = perf_counter()
        clinic_id = await _placed(here, slug)
        await ensure(here.house, here.database(slug), "clinic")
        async with visit.to_control(here.house) as tx:
            await clinics.open_doors(tx, clinic_id)
        took.append((perf_counter() - began) * 1e3)
    return took, (spent_by(here.postgres) + process_time() - spent) * 1e3 / len(names)


async def copied(here: Stand, names: Sequence[str], template: str) -> None:
    """The files of another clinic's database, and a key of its own."""
    admin = await asyncpg.connect(here.cluster.dsn)
    ours = admin.get_server_pid()
    for slug in names:
        await admin.execute(
            f'CREATE DATABASE "{here.database(slug)}" TEMPLATE "{here.database(template)}" STRATEGY file_copy'
        )
        clinic_id = await _placed(here, slug)
        async with visit.to_control(here.house) as tx:
            await clinics.open_doors(tx, clinic_id)
    await admin.close()
    await asyncio.to_thread(_gone, ours)


def _gone(pid: int) -> None:
    """Until PostgreSQL has waited for it: before, its processor time is found nowhere."""
    while Path(f"/proc/{pid}").exists():
        sleep(0.01)


async def _placed(here: Stand, slug: str) -> UUID:
    async with visit.to_control(here.house) as tx:
        return await clinics.provision(
            tx,
            slug=slug,
            name=f"Clinic {slug}",
            address="1 Test Road",
            city="Pune",
            state="Maharashtra",
            phone="+91 00000 00000",
            zone="Asia/Kolkata",
            database=here.database(slug),
            locksmith=here.house.routing.locksmith,
        )
