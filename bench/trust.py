"""What remembering who is who saves: requests of one signed-in program, with and without it, in turn, in one run.

    PYTHONPATH=. uv run python bench/trust.py

Prints processor time and database statements for each request, and their ratio. Absolute times say little.
"""

import asyncio
import statistics
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from svastha.domain import accounts
from svastha.kit.log import set_up
from svastha.kit.postgres import Cluster
from svastha.main import create_app, create_site
from svastha.wiring import build
from tests.cast import World, invent
from tests.conftest import settings_for

ROUNDS, REQUESTS = 10, 200


async def ask(site: Any, path: str, token: str) -> int:
    """One request straight into the application, without a client library in between."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await site(scope, receive, send)
    return status


async def measured(site: Any, path: str, token: str) -> float:
    began = process_time()
    for _ in range(REQUESTS):
        assert await ask(site, path, token) == 200
    return (process_time() - began) / REQUESTS * 1e6


async def main() -> None:
    set_up("error")
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder), fast=True) as cluster:
        settings = settings_for(cluster.dsn, "bench", Path(folder))
        await invent(build(settings))
        house = build(settings)
        world = World(house, create_app(house))
        await world.open()
        site, token = create_site(world.app), await world.token("ananya", "api")  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            while house.trust._trusted_until < 0:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.01)
        looked_up = 0
        look_up = accounts.actor_of

        async def counted(*given: Any, **more: Any) -> Any:
            nonlocal looked_up
            looked_up += 1
            return await look_up(*given, **more)

        accounts.actor_of = counted  # type: ignore[assignment]
        for path in ("/api/v1/me", "/api/v1/me/appointments"):
            with_memory, without, counts = [], [], [0, 0]
            for _ in range(ROUNDS):
                looked_up = 0
                with_memory.append(await measured(site, path, token))
                counts[0] += looked_up
                recall, house.trust.recall = house.trust.recall, lambda *_: None  # type: ignore[method-assign]
                looked_up = 0
                without.append(await measured(site, path, token))
                counts[1] += looked_up
                house.trust.recall = recall  # type: ignore[method-assign]
            a, b = statistics.median(with_memory), statistics.median(without)
            n = ROUNDS * REQUESTS
            print(
                f"{path}: {a:.0f} µs of processor with memory, {b:.0f} without, ratio {a / b:.2f};"
                f" look-ups per request {counts[0] / n:.3f} and {counts[1] / n:.3f}"
            )
        await world.close()


if __name__ == "__main__":
    asyncio.run(main())
