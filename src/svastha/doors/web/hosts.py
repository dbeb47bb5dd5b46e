"""A clinic by its sub-domain: ``asha.svastha.localhost/…`` is ``/c/asha/…``, for whoever has wildcard names."""

import re
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Litestar
from litestar.types import Receive, Scope, Send


def base_host(url: str) -> str:
    """The name that clinics stand in front of. Browsers take ``clinic.localhost`` for another site, so a bare
    ``localhost`` becomes ``svastha.localhost``."""
    host = urlsplit(url).hostname or "localhost"
    return "svastha.localhost" if host == "localhost" else host


def all_hosts(url: str) -> str:
    """The platform's and every clinic's, as a policy of a page names them."""
    site = urlsplit(url)
    port = f":{site.port}" if site.port else ""
    return f"{site.scheme}://{site.netloc} {site.scheme}://*.{base_host(url)}{port}"


class SubDomains:
    """Pure ASGI, outside the application, because it has to come before routing. What is the same in every clinic, such
    as ``/sign-in``, keeps its address: whatever the application knows by its first word."""

    def __init__(self, app: Litestar, *, base_host: str) -> None:
        self._app = app
        self._shared = {route.path.split("/")[1] for route in app.routes} - {""}
        self._clinic = re.compile(
            rb"([a-z][a-z0-9-]{1,30}[a-z0-9])\." + re.escape(base_host.encode()) + rb"(?::\d+)?", re.IGNORECASE
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Any = scope.get("headers", ())
        host = next((value for name, value in headers if name == b"host"), b"")
        named = self._clinic.fullmatch(host)
        if named and scope["path"].split("/")[1] not in self._shared:
            path = f"/c/{named[1].decode().lower()}{scope['path']}"
            scope["path"], scope["raw_path"] = path, quote(path).encode()
        await self._app(scope, receive, send)
