"""What every request passes, wherever it leads."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.cast import RAO, World
from tests.server import Process, running


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/api/v1/nothing", "/health/live", "/sign-in"])
async def test_every_answer_is_protected_and_named(world: World, path: str) -> None:
    answer = await (await world.web()).get(path)
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-request-id"]
    assert answer.headers["cache-control"]


async def test_what_can_be_got_can_be_asked_about(world: World, tmp_path: Path) -> None:
    server = Process("serve", world.house.settings, tmp_path / "log")
    with running(server), httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        for path in ("/", "/health/live", "/api/v1/clinics"):
            answer = client.head(path)
            assert (answer.status_code, answer.content) == (200, b"")
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/c/%00/"),
        ("GET", "/api/v1/clinics/%00"),
        ("GET", "/api/v1/doctors?max_fee=99999999999999999999999"),
        ("GET", "/api/v1/doctors?cursor=AAAA"),
        ("GET", "/api/v1/doctors?limit=-1"),
        ("GET", "/api/v1/doctors?limit=1&limit=2&q=a&q=b"),
        ("GET", "/?q=a&q=b&day=2030-01-01&day=x"),
        ("GET", "/api/v1/doctors?q=%00%00"),
        ("GET", "/doctors/x"),
        ("GET", "/verify/%00"),
        ("GET", "/static/x/..%2f..%2fmain.py"),
    ],
)
async def test_bad_input_is_refused_not_suffered(world: World, method: str, path: str) -> None:
    client = await world.web()
    answer = await client.request(method, path)
    assert 200 <= answer.status_code < 500


async def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    ananya = await world.web("ananya")
    for headers in (
        {"origin": "http://evil.test"},
        {"origin": "http://asha.svastha.localhost"},
        {"origin": "null"},
        {"origin": "", "sec-fetch-site": "cross-site"},
    ):
        answer = await ananya.post("/settings", data={"name": "Changed"}, headers=headers)
        assert answer.status_code == 403
    assert (
        await ananya.post("/settings", data={"name": "Changed", "locale": "en", "zone": "Asia/Kolkata"})
    ).status_code == 303


async def test_a_session_cookie_opens_no_api_and_a_bearer_token_no_page(world: World) -> None:
    cookie, token = await world.web("ananya"), await world.api("ananya")
    assert (await cookie.get("/api/v1/me")).status_code == 401
    token.base_url = httpx.URL("http://svastha.localhost")
    assert (await token.get("/home")).status_code == 303


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", f"/api/v1/clinics/asha/doctors/{RAO}/slots?from=9999-12-31T00:00:00Z", {}),
        ("GET", f"/api/v1/clinics/asha/doctors/{RAO}/slots?from=0001-01-01", {}),
        ("GET", f"/api/v1/clinics/asha/doctors/{RAO}/slots?from=yesterday", {}),
        ("GET", "/?day=0001-01-01", {"headers": {"cookie": "__Host-zone=America/Los_Angeles"}}),
        ("GET", "/?day=9999-12-31", {"headers": {"cookie": "__Host-zone=Pacific/Kiritimati"}}),
        ("POST", "/api/v1/auth/login", {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}),
        ("GET", "/static/x/" + "a" * 300, {}),
        ("POST", "/sign-in", {"data": {"email": "a@b.test"}, "headers": {"origin": "http://["}}),
        ("POST", "/sign-in", {"data": {"email": "a@b.test"}, "headers": {"referer": "http://[x"}}),
        ("POST", "/sign-in", {"content": b"email=" + b"a" * 100_000}),
    ],
)
async def test_nothing_a_client_sends_is_a_fault_of_ours(
    world: World, method: str, path: str, more: dict[str, Any]
) -> None:
    answer = await (await world.web()).request(method, path, **more)
    assert 200 <= answer.status_code < 500, answer.text


async def test_missing_and_unknown_fields_are_named(world: World) -> None:
    nobody = await world.api()
    answer = await nobody.post("/auth/register", json={"email": "a@b.test"})
    assert [error["field"] for error in answer.json()["errors"]] == ["name"]


async def test_free_times_of_a_day_of_the_clinic(world: World) -> None:
    day = (datetime.now(ZoneInfo("Asia/Kolkata")) + timedelta(days=3)).date()
    nobody = await world.api()
    found = await nobody.get(f"/clinics/asha/doctors/{RAO}/slots?from={day}&to={day}&mode=video")
    starts = [
        datetime.fromisoformat(item["starts_at"]).astimezone(ZoneInfo("Asia/Kolkata")) for item in found.json()["items"]
    ]
    assert {at.date() for at in starts} == {day} and len(starts) == 72
