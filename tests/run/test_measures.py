"""What server and worker tell the operator about themselves."""

import asyncio
import os
import socket
import subprocess
from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client import REGISTRY

from svastha.doors import measures, pulse
from svastha.doors.jobs import worker as of_worker
from svastha.doors.jobs.worker import Worker
from svastha.kit.ids import uuid7
from svastha.kit.refusals import Busy
from tests.cast import World


def told(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def look(world: World, worker: Worker) -> None:
    worker._counted.clear()
    worker._sealed.clear()
    await worker._look_after("asha")


async def test_jobs_that_wait_are_counted_by_kind_and_forgotten_when_done(world: World) -> None:
    await world.settle()
    worker = Worker(world.house)
    for kind in ("late.one", "aside.one"):
        await world.sql("asha", "INSERT INTO jobs (id, kind, payload) VALUES ($1, $2, '{}')", uuid7(), kind)
    await world.sql("asha", "UPDATE jobs SET run_at = now() - interval '1 h' WHERE kind = 'late.one'")
    await world.sql("asha", "UPDATE jobs SET set_aside_at = now() WHERE kind = 'aside.one'")
    await look(world, worker)
    assert told("svastha_jobs_due", kind="late.one") == 1
    assert told("svastha_jobs_set_aside", kind="aside.one") == 1
    assert told("svastha_jobs_oldest_due_seconds") > 3000
    await world.sql("asha", "DELETE FROM jobs")
    await look(world, worker)
    assert told("svastha_jobs_due", kind="late.one") == told("svastha_jobs_set_aside", kind="aside.one") == 0
    assert told("svastha_jobs_oldest_due_seconds") == 0


async def test_an_audit_that_cannot_be_sealed_is_told_until_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(world.house)

    async def broken(*_: object) -> int:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(of_worker, "seal_audit", broken)
        await look(world, worker)
    assert told("svastha_audit_unsealed_seconds") > 0
    await look(world, worker)
    assert told("svastha_audit_unsealed_seconds") == 0


async def test_connections_are_measured_and_whoever_waits_in_vain(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "EVERY", 0.01)
    connections, control = world.house.connections, world.house.routing.control
    before = told("svastha_database_connections_refused_total")
    async with asyncio.TaskGroup() as everybody:
        enough, inside = asyncio.Event(), asyncio.Semaphore(0)

        async def hold() -> None:
            async with connections.borrowed(control):
                inside.release()
                await enough.wait()

        held = [everybody.create_task(hold()) for _ in range(connections._each)]
        for _ in held:
            await inside.acquire()
        with monkeypatch.context() as hurried, pytest.raises(Busy):
            hurried.setattr(connections, "_patience", 0.01)
            async with connections.borrowed(control):
                pass
        async with pulse.beating(world.house):
            async with asyncio.timeout(20):
                while told("svastha_database_connections_refused_total") == before or not told("svastha_database_up"):
                    await asyncio.sleep(0.01)
        enough.set()
        assert told("svastha_database_connections", state="in_use") >= len(held)
    assert told("svastha_database_connections_limit") == connections.most
    assert connections.waiting == 0


async def test_a_stream_is_counted_while_it_is_open_and_not_timed(world: World) -> None:
    from litestar.types import Receive, Scope, Send

    from svastha.doors.passage import Passage

    open_now: list[float] = []
    count = "svastha_http_request_seconds_count"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream; x")]}
        )
        open_now.append(told("svastha_live_connections", kind="stream"))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    before = told(count, method="GET", route="unknown", status="2xx")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Passage(app, secure=False)), base_url="http://x") as web:
        assert (await web.get("/")).status_code == 200
    assert open_now == [told("svastha_live_connections", kind="stream") + 1]
    assert told(count, method="GET", route="unknown", status="2xx") == before


def test_the_worker_answers_whoever_holds_the_token(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = msgspec.structs.replace(world.house.settings, worker_metrics_port=port, metrics_token="of the operator")
    with measures.served(found) as at:
        for path, given, status in (
            ("/metrics", {}, 404),
            ("/metrics", {"authorization": "Bearer another"}, 404),
            ("/", {"authorization": "Bearer of the operator"}, 404),
            ("/metrics", {"authorization": "Bearer of the operator"}, 200),
        ):
            answer = httpx.get(f"http://127.0.0.1:{at}{path}", headers=given)
            assert (answer.status_code, "svastha_" in answer.text) == (status, status == 200)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


def test_of_a_process_that_has_ended_nothing_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    for pid in (ended.pid, os.getpid()):
        for kind in ("gauge_livesum", "counter"):
            (tmp_path / f"{kind}_{pid}.db").touch()
    monkeypatch.setenv(measures.TOGETHER, str(tmp_path))
    measures._forget_the_dead(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"counter_{ended.pid}.db",
        f"counter_{os.getpid()}.db",
        f"gauge_livesum_{os.getpid()}.db",
    }
