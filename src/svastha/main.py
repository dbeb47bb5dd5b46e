"""Builds the ASGI application from a house."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Response
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Empty

from svastha.domain.accounts import PUBLIC
from svastha.doors import feeds, health, hooks, live, well_known
from svastha.doors.api import (
    accounts,
    api_keys,
    appointments,
    audit,
    auth,
    availability,
    branches,
    calendars,
    channels,
    clinics,
    consultations,
    contacts,
    directory,
    doctors,
    family,
    federated,
    leave,
    leaving,
    moves,
    people,
    platform_people,
    policies,
    prescriptions,
    problems,
    promised,
    queue,
    records,
    reminders,
    schedule,
    security,
    series,
    waiting_list,
)
from svastha.doors.api.linked import Linked
from svastha.doors.guard import check_table, permitted
from svastha.doors.kept import Kept
from svastha.doors.passage import Passage
from svastha.doors.pulse import beating
from svastha.doors.together import Router
from svastha.doors.visit import Asked, House
from svastha.doors.web import errors
from svastha.doors.web.hosts import SubDomains, all_hosts, base_host
from svastha.doors.web.router import DRAWN_ANEW, pages

ROOMS = (
    auth,
    accounts,
    channels,
    reminders,
    calendars,
    contacts,
    federated,
    leaving,
    security,
    people,
    api_keys,
    platform_people,
    clinics,
    directory,
    doctors,
    schedule,
    availability,
    leave,
    branches,
    appointments,
    moves,
    series,
    policies,
    waiting_list,
    family,
    queue,
    consultations,
    prescriptions,
    audit,
    records,
)
FOR_PROGRAMS = ("/.well-known/", "/api/", "/feeds/", "/health", "/hooks/", "/metrics", "/live/")
PACKED_OR_LIVE = ["^/static/", "/live$"]  # packed already, or sent piece by piece, which packing would hold back
LARGEST_BODY = 2 * 1024 * 1024  # a long note in Devanagari, as a form sends it; uploads say their own
LARGEST_OF_ANYBODY = 64 * 1024  # without having signed in


def create_app(house: House) -> Litestar:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        served: House = app.state.house
        async with beating(served):
            yield
        await served.bell.close()
        await served.connections.close()

    api = Router(
        "/api/v1",
        route_handlers=[route for room in ROOMS for route in room.routes],
        security=[{"bearer": []}],
    )
    app = Litestar(
        [
            api,
            *live.routes,
            *hooks.routes,
            *health.routes,
            *well_known.routes,
            *feeds.routes,
            pages(production=house.settings.production),
        ],
        state=State({"house": house, **DRAWN_ANEW}),
        lifespan=[lifespan, live.open_live],
        exception_handlers={kind: _by_audience(kind) for kind in problems.HANDLERS},
        request_max_body_size=LARGEST_BODY,
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=6, minimum_size=600, exclude=PACKED_OR_LIVE
        ),
        guards=[permitted],
        openapi_config=OpenAPIConfig(
            title="Svastha",
            version="1",
            description="Find a doctor, book, meet, read what was written. Errors are RFC 9457 problems.",
            openapi_router=Router("/api", route_handlers=[], opt={"needs": PUBLIC}, include_in_schema=False),
            use_handler_docstrings=True,
            render_plugins=[Linked()],  # none at all would mean all of them, which load from other hosts
            components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        ),
        logging_config=None,
        debug=False,
    )
    check_table(app)
    _keep_short(app)
    promised.document(app, under="/api/v1")
    return app


def _keep_short(app: Litestar) -> None:
    """What anybody may send, where a route says nothing of it."""
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.opt.get("needs") == PUBLIC and handler.request_max_body_size is Empty:
                handler.request_max_body_size = LARGEST_OF_ANYBODY


def _by_audience(kind: type[Exception]) -> Any:
    """Programs get problem+json, people a page; also where no route was found."""

    def handle(request: Asked, trouble: Exception) -> Response[Any]:
        found: dict[Any, Any] = problems.HANDLERS if request.scope["path"].startswith(FOR_PROGRAMS) else errors.HANDLERS
        answer: Response[Any] = found[kind](request, trouble)
        return answer

    return handle


def create_site(app: Litestar) -> ASGIApp:
    """The application as it is reached: every request passes here, also one that leads nowhere."""
    settings = app.state.house.settings
    return Passage(
        Kept(SubDomains(app, base_host=base_host(settings.url)), app.state.house.trust.times_forgotten),
        secure=settings.production,
        trusted_proxies=settings.trusted_proxies,
        hosts=all_hosts(settings.url),
    )
