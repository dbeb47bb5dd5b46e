"""`svastha serve` as several processes behind one door."""

import os
import signal
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.cast import World
from tests.server import Process, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to see who is left")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_that_ends_is_replaced_and_all_end_together(world: World, tmp_path: Path) -> None:
    server = Process("serve", world.house.settings, tmp_path / "log", SVASTHA_PROCESSES="2", SVASTHA_METRICS_TOKEN="x")
    with running(server):
        first = children(server.pid)
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while (now := children(server.pid)) == first or len(now) < 2:
            assert httpx.get(f"{server.url}/health/live", timeout=60).status_code == 200, "the other answers"
            assert time.monotonic() < deadline
        everybody, counted = {*first, *now}, {requests(server) for _ in range(4)}
        assert len(counted) == 4, "each is counted, whichever process answered it"
    assert not [pid for pid in everybody if lives(pid)]


def requests(server: Process) -> int:
    """To all processes, as either of them tells."""
    metrics = httpx.get(f"{server.url}/metrics", headers={"authorization": "Bearer x"}, timeout=60).text
    return int(
        sum(float(line.split()[-1]) for line in metrics.splitlines() if line.startswith("svastha_http_requests_total{"))
    )
