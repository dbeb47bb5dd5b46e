"""The disk of PostgreSQL is full while doctors upload documents and patients book; then there is room again."""

import asyncio
import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

from chaos.ground import Ground
from chaos.load import BUSY, Load
from chaos.stand import Stand
from chaos.told import BACK, DRAINED, Seen, Told, p95
from chaos.truths import all_kept
from svastha.kit.postgres import Cluster
from svastha.wiring import build
from tests.cast import invent
from tests.conftest import settings_for

ROOM = 600  # MB; PostgreSQL wants 200 to begin, the house takes about as much
LEFT = 12  # MB
SIZE = 3_000_000  # bytes of a document
QUICK = 6.0  # seconds
KINDS = ("registration", "degree", "identity")


async def run(ground: Ground, told: Told) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        told.skip("only root may mount a small file system to fill")
        return
    async with (
        small_disk(ground.folder / "small") as folder,
        ground_on(ground, folder) as small,
        small.stand() as stand,
    ):
        server = await stand.server()
        load = Load(stand, server.port, small.dice, pace=0.6)
        await load.prepare(8, days=12)
        doctors = [token for _, token in await stand.crowd(4)]
        for token in doctors:
            await load.ask("PUT", "/me/doctor", token, json={})
        kept = Kept()
        load.begin()
        await uploads(load, doctors, kept, rounds=1)
        await stand.sql(None, "CHECKPOINT")  # so that the log has some room of its own, and documents have none first
        ballast = folder / "ballast"
        fill(ballast, folder)
        told.did(f"a disk of {ROOM} MB filled until {LEFT} MB were left, then documents of {SIZE // 10**6} MB uploaded")
        said = await uploads(load, doctors, kept, rounds=4)
        told.saw("uploads", said.counts)
        refused = said.seconds["503"]
        told.measured("refused uploads", refused)
        ballast.unlink()
        healed = monotonic()
        told.well("every request was answered as it should be", await load.well(healed), BACK)
        while not await works_again(load, doctors, kept) and monotonic() - healed < BACK:
            await asyncio.sleep(0.2)
        told.well("an upload was taken again", monotonic() - healed, BACK)
        await load.end()
        told.saw("everybody, in all", load.seen.counts)
        told.holds(
            f"{kept.no_room} of {len(refused)} refused uploads are told `no_room`, and to come again in a minute; the"
            " others came while PostgreSQL, without room for its log, restarted",
            kept.no_room > 0,
        )
        told.holds("uploads are taken, or refused with 503", set(said.counts) <= {"201", BUSY}, said.counts)
        told.holds(f"p95 of the refusals is below {QUICK} s", bool(refused) and p95(refused) < QUICK)
        await whole(told, stand, load, kept)
        await load.finish()
        await stand.answers()
        stand.program("worker")
        told.well("all jobs were done", await stand.drained(DRAINED), DRAINED)
        await all_kept(told, stand, load, [BUSY])
        await load.close()


class Kept:
    """Documents as they were acknowledged: whose, and the digest of each."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[str, str]] = {}
        self.no_room = 0


@contextlib.asynccontextmanager
async def small_disk(folder: Path) -> AsyncIterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextlib.asynccontextmanager
async def ground_on(ground: Ground, folder: Path) -> AsyncIterator[Ground]:
    """Another PostgreSQL, whose whole data lie there."""
    settings = {"max_wal_size": "64MB", "min_wal_size": "32MB"}
    cluster = Cluster(folder, max_connections=60, settings=settings)
    found = Ground(cluster.dsn, "small", folder, cluster=cluster, seed=ground.seed, short=ground.short)
    try:
        await found.by_hand(cluster.start)
        await invent(build(settings_for(cluster.dsn, "small", folder)))
        yield found
    finally:
        await found.clear()


def fill(ballast: Path, folder: Path) -> None:
    place = os.statvfs(folder)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, place.f_bavail * place.f_frsize - LEFT * 2**20))


async def uploads(load: Load, doctors: list[str], kept: Kept, *, rounds: int) -> Seen:
    """Each puts documents of every kind. Returns what came of them."""
    seen = Seen()
    for round_ in range(rounds):
        for token in doctors:
            for kind in KINDS:
                content = b"%PDF-1.7\n" + os.urandom(SIZE) + b"\n%%EOF\n"
                began = monotonic()
                said, answer = await load.ask(
                    "POST",
                    "/me/doctor/documents",
                    token,
                    data={"kind": kind},
                    files={"file": (f"{round_}.pdf", content, "application/pdf")},
                )
                seen.add(said, monotonic() - began)
                if answer is None:
                    continue
                if answer.status_code == 201:
                    kept.documents[f"{token} {kind}"] = (answer.json()["id"], hashlib.sha256(content).hexdigest())
                elif answer.status_code == 503:
                    kept.no_room += answer.json()["code"] == "no_room" and answer.headers["retry-after"] == "60"
    return seen


async def works_again(load: Load, doctors: list[str], kept: Kept) -> bool:
    return (await uploads(load, doctors[:1], kept, rounds=1)).counts["201"] > 0


async def whole(told: Told, stand: Stand, load: Load, kept: Kept) -> None:
    """What was acknowledged reads back byte for byte, and nothing else is there."""
    wrong = []
    for whose, (id, digest) in kept.documents.items():
        token = whose.split(" ")[0]
        _, answer = await load.ask("GET", f"/me/doctor/documents/{id}", token)
        if answer is None or hashlib.sha256(answer.content).hexdigest() != digest:
            wrong.append(id)
    told.holds(f"{len(kept.documents)} acknowledged documents read back byte for byte", not wrong, wrong[:3])
    rows = await stand.sql(None, "SELECT id::text FROM doctor_documents WHERE replaced_at IS NULL")
    strange = {row["id"] for row in rows} - {id for id, _ in kept.documents.values()}
    told.holds("nothing half-written is left", not strange, strange)
