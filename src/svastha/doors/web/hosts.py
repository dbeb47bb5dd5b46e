"""A clinic by its sub-domain: ``asha.svastha.localhost/…`` is ``/c/asha/…``, for whoever has wildcard names."""

import re
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

# What is the same in every clinic keeps its address.
_SHARED = (
    "/c/",
    "/static/",
    "/api",
    "/health",
    "/metrics",
    "/sign-",
    "/confirm",
    "/language/",
    "/dev/",
    "/live/",
    "/home",
    "/verify/",
    "/doctor",
    "/desk",
    "/platform",
    "/sw.js",
    "/offline",
    "/c",
)


def pattern_for(base_host: str) -> re.Pattern[bytes]:
    return re.compile(rb"([a-z][a-z0-9-]{1,30}[a-z0-9])\." + re.escape(base_host.encode()) + rb"(?::\d+)?")


class SubDomains:
    """Pure ASGI, before routing."""

    def __init__(self, app: ASGIApp, *, base_host: str) -> None:
        self._app, self._pattern = app, pattern_for(base_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Any = scope.get("headers", ())
        host = next((value for name, value in headers if name == b"host"), b"")
        named = self._pattern.fullmatch(host)
        if named and not scope["path"].startswith(_SHARED):
            scope["path"] = f"/c/{named.group(1).decode()}{scope['path']}"
            scope["raw_path"] = scope["path"].encode()
        await self._app(scope, receive, send)
