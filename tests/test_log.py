"""Logs help to find a fault and tell nothing about a person."""

import json
from pathlib import Path

import httpx
import msgspec
import structlog
from prometheus_client.parser import text_string_to_metric_families

from svastha.main import create_app
from tests.cast import World, email
from tests.server import Process, running


async def test_a_request_leaves_one_line_with_ids_and_no_person(world: World, tmp_path: Path) -> None:
    server = Process("serve", world.house.settings, tmp_path / "log", SVASTHA_LOG_LEVEL="info")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with running(server):
        answer = httpx.post(
            f"http://127.0.0.1:{server.port}/api/v1/auth/login",
            json={"email": email("ananya"), "password": "secret words here"},
            headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "x-request-id": "asked-for-this"},
        )
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    line = next(line for line in lines if line.get("route") == "/api/v1/auth/login")
    assert answer.headers["x-request-id"] == line["request_id"] == "asked-for-this"
    assert (line["trace_id"], line["status"]) == (trace, 401)
    assert "ananya" not in server.log.read_text() and "secret words" not in server.log.read_text()


async def test_a_fault_is_logged_without_what_the_database_said(world: World, capsys) -> None:  # type: ignore[no-untyped-def]
    from svastha.kit.log import set_up

    set_up("info")
    try:
        await world.sql(
            None, "INSERT INTO accounts (id, email, name, password_hash) SELECT id, email, name, '' FROM accounts"
        )
    except Exception as trouble:
        structlog.get_logger().error("server_error", exc_info=trouble)
    said = capsys.readouterr().err
    assert "UniqueViolationError" in said and "at" in json.loads(said)
    assert "cast.test" not in said
    structlog.reset_defaults()


async def test_measures_are_by_route_with_buckets_around_the_promises(world: World) -> None:
    nobody = await world.web()
    await nobody.get("/api/v1/clinics/asha")
    families = text_string_to_metric_families((await nobody.get("/metrics")).text)
    found = {
        float(sample.labels["le"])
        for family in families
        for sample in family.samples
        if sample.name == "svastha_http_request_seconds_bucket" and sample.labels["route"] == "/api/v1/clinics/{clinic}"
    }
    assert {0.05, 0.1, 0.2, 0.5} < found


async def test_measures_are_for_whoever_holds_the_token(world: World) -> None:
    told = msgspec.structs.replace(world.house.settings, metrics_token="a token of the operator")
    world.app = create_app(msgspec.structs.replace(world.house, settings=told))
    web = await world.web()
    for given, status in (("", 404), ("Bearer another token", 404), ("Bearer a token of the operator", 200)):
        assert (await web.get("/metrics", headers={"authorization": given})).status_code == status


async def test_alive_is_cheap_and_ready_looks(world: World) -> None:
    nobody = await world.web()
    assert (await nobody.get("/health/live")).json()["status"] == "up"
    assert (await nobody.get("/health")).status_code == (await nobody.get("/health/ready")).status_code == 200
    world.house.connections.dsn = "postgresql://nobody@127.0.0.1:1/none"
    await world.house.connections.close()
    world.house.connections.closed = False
    assert (await nobody.get("/health/live")).status_code == 200
    down = await nobody.get("/health/ready")
    assert (down.status_code, down.json()["status"]) == (503, "down")
