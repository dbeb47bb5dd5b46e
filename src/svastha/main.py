"""Builds the ASGI application from a house."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from svastha.doors import health
from svastha.doors.api import accounts, appointments, clinics, directory, problems, schedule
from svastha.doors.passage import Passage
from svastha.doors.visit import House
from svastha.doors.web.router import pages

LARGEST_BODY = 6 * 1024 * 1024


def create_app(house: House) -> Litestar:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        yield
        await house.bell.close()
        await house.connections.close()

    api = Router(
        "/api/v1",
        route_handlers=[*accounts.routes, *clinics.routes, *directory.routes, *schedule.routes, *appointments.routes],
        security=[{"bearer": []}],
    )
    return Litestar(
        [api, *health.routes, pages(production=house.settings.production)],
        state=State({"house": house}),
        lifespan=[lifespan],
        middleware=[lambda app: Passage(app, secure=house.settings.production)],
        exception_handlers=problems.HANDLERS,  # type: ignore[arg-type]
        request_max_body_size=LARGEST_BODY,
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=6, minimum_size=600),
        openapi_config=OpenAPIConfig(
            title="Svastha",
            version="1",
            description="Find a doctor, book, meet, read what was written. Errors are RFC 9457 problems.",
            path="/api",
            render_plugins=[JsonRenderPlugin()],  # none at all would mean all of them, which load from other hosts
            components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        ),
        logging_config=None,
        debug=False,
    )
