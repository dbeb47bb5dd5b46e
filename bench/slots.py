"""What free times and a booking cost in a clinic with a thousand visits and in one with a million, in turn, in one run.

    PYTHONPATH=. uv run python bench/slots.py [visits]

Prints processor time of the database and of the program for each, and their ratio. Absolute times say little.
"""

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from svastha.kit.db import ClinicTx
from svastha.kit.log import set_up
from svastha.kit.outbox import enqueue
from svastha.kit.postgres import Cluster
from svastha.wiring import build
from tests.cast import invent
from tests.conftest import settings_for
from tests.schedule.busy_clinic import open_clinic, years_pass
from tests.schedule.test_plans import hold_and_book, look, look_at_all

ROUNDS, TIMES = 9, 10


def spent_by(pid: int) -> float:
    """Seconds of processor time of a process of this machine."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


async def measured(house: Any, connection: Any, tx: ClinicTx, pid: int, verb: Any) -> float:
    """Milliseconds for each, of the database's process and of this one. Nothing remains."""
    began = spent_by(pid) + process_time()
    for _ in range(TIMES):
        undo = connection.transaction()
        await undo.start()
        await verb(tx)
        enqueue(tx, house.subscriptions)
        await tx.flush()
        await undo.rollback()
    return (spent_by(pid) + process_time() - began) / TIMES * 1e3


async def main(visits: int) -> None:
    set_up("error")
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder), fast=True) as cluster:
        settings = settings_for(cluster.dsn, "bench", Path(folder))
        await invent(build(settings))
        house, clinics = build(settings), []
        for slug, past in (("asha", 0), ("nadi", visits - 1000)):
            ref, vault = await house.routing.find(slug)
            connection = await house.connections.connect(ref.database, hurried=False, owner=True)
            await open_clinic(connection)
            await years_pass(connection, 0, past - 1)
            many: int = await connection.fetchval("SELECT count(*) FROM appointments")
            pid: int = await connection.fetchval("SELECT pg_backend_pid()")
            clinics.append((many, connection, ClinicTx(connection, ref, vault), pid))
        for what, verb in (
            ("free times of a doctor", look),
            ("free times of 20 doctors", look_at_all),
            ("hold, book, book again", hold_and_book),
        ):
            found: list[list[float]] = [[], []]
            for _ in range(ROUNDS):
                for costs, (_many, *clinic) in zip(found, clinics, strict=True):
                    costs.append(await measured(house, *clinic, verb))
            few, many_ms = (statistics.median(costs[2:]) for costs in found)
            print(
                f"{what}: {few:.1f} ms of processor with {clinics[0][0]:,} visits, {many_ms:.1f} with"
                f" {clinics[1][0]:,}, ratio {many_ms / few:.2f}",
                flush=True,
            )
        for _, connection, *_rest in clinics:
            await connection.close()
        await house.connections.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
