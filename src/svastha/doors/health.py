"""For the operator: is it alive, is it ready, how is it doing."""

from typing import Any

import msgspec
from litestar import Response, get

from svastha.doors import measures
from svastha.doors.visit import Asked, house_of
from svastha.kit.refusals import NotFound, Refusal


class Health(msgspec.Struct, frozen=True):
    status: str
    checks: dict[str, str] = {}


@get("/health/live", security=[], tags=["Operations"], needs="public")
async def live() -> Health:
    """Answers as long as the process turns; looks at nothing else."""
    return Health("up")


@get(["/health", "/health/ready"], security=[], tags=["Operations"], needs="public")
async def ready(request: Asked) -> Response[Health]:
    """503 unless what a request needs is there."""
    checks, house = {}, house_of(request)
    try:
        async with house.routing.reading_control() as tx:
            await tx.value("SELECT 1")
        checks["control_database"] = "up"
        async with house.connections.borrowed(house.routing.control):
            checks["connections"] = "up"
    except (Refusal, OSError) as trouble:
        checks["control_database"] = f"down: {type(trouble).__name__}"
    well = all(state == "up" for state in checks.values())
    return Response(Health("up" if well else "down", checks), status_code=200 if well else 503)


@get("/metrics", include_in_schema=False, needs="public")
async def measured(request: Asked) -> Response[Any]:
    """For whoever holds the token of the settings; without one there is nothing to see but in development."""
    if not measures.may_see(house_of(request).settings, request.headers.get("authorization", "")):
        raise NotFound
    return Response(measures.told(), headers={"Content-Type": measures.KIND})


routes = [live, ready, measured]
