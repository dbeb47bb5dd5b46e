"""A form is taken only from our own pages: the browser says where a request comes from, and we believe it."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from svastha.kit.i18n import N_
from svastha.kit.refusals import Forbidden


class ForeignForm(Forbidden):
    code = "foreign_form"
    says = N_("This form was not sent from this site.")


def same_origin(request: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of all page routes. ``Origin`` (or, where it is missing, ``Sec-Fetch-Site``) must be ours for every method
    that changes something; another clinic's sub-domain is not ours. A route that others are meant to post to says
    ``from_elsewhere=True``."""
    if handler.opt.get("from_elsewhere"):
        return
    if request.scope.get("method", "GET") in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("origin")
    if origin:
        ours = origin.partition("://")[2] == request.headers.get("host")
    else:
        ours = request.headers.get("sec-fetch-site") == "same-origin"
    if not ours:
        raise ForeignForm
