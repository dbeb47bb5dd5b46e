"""What an operation may answer because of what stands before it: the guard, the router, and the reading of its body.

Derived for the OpenAPI document from what a route says it needs and takes, so that its own ``responses=answers(…)``
name only what its verb refuses.
"""

from collections.abc import Iterator

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from svastha.domain.accounts import PUBLIC, SELF
from svastha.doors.api.problems import answers


def document(app: Litestar, *, under: str) -> None:
    """Adds to each operation below this path; what a route says itself stays as it is."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(under):
            for handler in route.route_handlers:
                handler.responses = answers(*_before(handler, route)) | dict(handler.responses or {})


def _before(handler: HTTPRouteHandler, route: HTTPRoute) -> Iterator[int]:
    needs = handler.opt.get("needs", PUBLIC)
    if needs != PUBLIC:
        yield from (401, 404)
    if needs not in (PUBLIC, SELF) or handler.opt.get("fresh"):
        yield 403
    if route.path_parameters:
        yield 404
    if handler.parsed_data_field:
        yield from (413, 422)
    if set(handler.parsed_fn_signature.parameters) - {"request", "data", *route.path_parameters}:
        yield 422
