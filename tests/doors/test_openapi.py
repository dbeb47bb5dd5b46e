"""The API that was promised is the API that is served and described."""

import re

from tests.cast import World

PROMISED = """
POST /auth/register   POST /auth/verify-email   POST /auth/login   POST /auth/refresh   POST /auth/logout
GET /me   PATCH /me   GET /me/appointments   GET /specialties   GET /doctors   GET /doctors/{}
GET /clinics   GET /clinics/{}   GET /clinics/{}/doctors/{}/slots
POST /clinics/{}/holds   DELETE /clinics/{}/holds/{}
GET /clinics/{}/appointments   POST /clinics/{}/appointments   GET /clinics/{}/appointments/{}
POST /clinics/{}/appointments/{}/cancel   POST /clinics/{}/appointments/{}/check-in
POST /clinics/{}/appointments/{}/admit   POST /clinics/{}/appointments/{}/complete
POST /clinics/{}/appointments/{}/video-token
GET /clinics/{}/appointments/{}/note   PUT /clinics/{}/appointments/{}/note
POST /clinics/{}/appointments/{}/note/sign
GET /clinics/{}/appointments/{}/prescription   PUT /clinics/{}/appointments/{}/prescription
POST /clinics/{}/appointments/{}/prescription/sign   GET /clinics/{}/appointments/{}/prescription.pdf
"""
OUTSIDE = ["GET /.well-known/jwks.json", "GET /health", "GET /health/live", "GET /health/ready", "GET /verify/{}"]


async def test_every_promised_path_is_described(world: World) -> None:
    nobody = await world.web()
    document = (await nobody.get("/api/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    described = {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    promised = {f"{m} /api/v1{p}" for m, p in re.findall(r"([A-Z]+) (\S+)", PROMISED)} | set(OUTSIDE)
    assert promised <= described, sorted(promised - described)
    assert not [
        path
        for path in described
        if path not in promised and "/api/v1" not in path and path not in OUTSIDE and "POST /verify" not in path
    ]


async def test_readable_docs_load_nothing_from_another_host(world: World) -> None:
    page = await (await world.web()).get("/api/docs")
    assert page.status_code == 200
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page.text)
    assert "/clinics/{clinic}/appointments" in page.text


async def test_unknown_routes_and_methods_are_problems(world: World) -> None:
    nobody = await world.api()
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", "/clinics", 405),
        ("GET", "/doctors/not-an-id", 404),
    ):
        answer = await nobody.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "code"} <= set(answer.json())
