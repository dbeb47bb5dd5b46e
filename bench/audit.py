"""How long it takes to seal and to verify a large audit: ``uv run python bench/audit.py [entries]``.

Makes a PostgreSQL of its own, one database with that many entries, seals them and verifies them, from the database and
from an export. Prints seconds, and seconds for each 100,000 entries.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import msgspec

from svastha import settings
from svastha.domain import audit
from svastha.doors.audit_chain import chain
from svastha.doors.cli.audit import verify_file
from svastha.doors.cli.databases import ensure
from svastha.doors.jobs.seal_audit import seal_audit
from svastha.kit.postgres import Cluster
from svastha.wiring import build

FILL = """
    INSERT INTO audit_entries
        (id, at, account_id, whose, action, subject_kind, subject_id, came_from, device, request_id)
    SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0')
            || '8' || lpad(to_hex(n), 15, '0'))::uuid,
        now(), gen_random_uuid(), gen_random_uuid(), 'read', 'note', gen_random_uuid()::text, '203.0.113.7',
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
        substr(md5(n::text), 1, 16)
    FROM generate_series($1::int, $2::int) n
"""


async def measure(dsn: str, state: Path, entries: int) -> None:
    house = build(
        settings.load(
            {
                "SVASTHA_MODE": "test",
                "SVASTHA_DATABASE_URL": dsn,
                "SVASTHA_STATE_DIR": str(state),
                "SVASTHA_SECRET": "for this measurement alone, of no value anywhere",
                "SVASTHA_MASTER_KEY": "dGhpcnR5LXR3byBieXRlcyBmb3IgdGVzdHMgYWxvbmU",
            }
        )
    )
    await ensure(house, house.routing.control, "control")
    connection = await house.connections.connect(house.routing.control, hurried=False)
    for begin in range(1, entries + 1, 100_000):
        await connection.execute(FILL, begin, min(entries, begin + 99_999))
    await connection.close()

    def tell(what: str, began: float) -> None:
        seconds = perf_counter() - began
        print(f"{what:<28}{seconds:7.1f} s   {seconds / entries * 100_000:6.2f} s for 100,000")

    began = perf_counter()
    sealed = await seal_audit(house, None)
    tell(f"sealed {sealed}", began)
    owner = await house.connections.connect(house.routing.control, hurried=False, owner=True)
    await owner.execute("VACUUM ANALYZE audit_entries, audit_leaves, audit_seals")
    await owner.close()

    began, verifier = perf_counter(), audit.Verifier()
    async for record in chain(house, None):
        verifier.feed(record)
    verifier.close()
    assert not verifier.problems, verifier.problems
    tell(f"verified {verifier.entries}", began)

    began, path = perf_counter(), state / "export.jsonl"
    with path.open("wb") as file:
        async for record in chain(house, None):
            file.write(msgspec.json.encode(record) + b"\n")
    tell(f"exported {path.stat().st_size >> 20} MB", began)
    began = perf_counter()
    assert verify_file(str(path), None) == 0
    tell("verified the export", began)
    await house.bell.close()
    await house.connections.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="svastha-bench-") as folder, Cluster(Path(folder), fast=True) as cluster:
        asyncio.run(measure(cluster.dsn, Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
