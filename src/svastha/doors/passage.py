"""What every request passes on its way in and out: an id, a line in the log, a measure, and headers that protect."""

import re
import secrets
from time import perf_counter
from typing import Any

import structlog
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from svastha.domain.audit import LONGEST_DEVICE, came_from, device, request_id
from svastha.doors.address import client_of

METHODS = {method.value for method in HttpMethod}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2.5, 5, 10)
SECONDS = Histogram(
    "svastha_http_request_seconds", "Time to the last byte, by route.", ("method", "route", "status"), buckets=BUCKETS
)
UNDER_WAY = Counter("svastha_http_requests_total", "Requests begun.", ("method",))

# {hosts}: a form may end at another host of ours, as after signing in for a clinic's.
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; media-src 'self' blob:; form-action 'self'{hosts}; frame-ancestors 'none'; base-uri 'none';"
    " object-src 'none'"
)
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(self), microphone=(self), geolocation=()",
}
STRICT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger()


class Passage:
    """Pure ASGI, outermost. The trace id of W3C ``traceparent`` goes through; a fresh one where there is none."""

    def __init__(self, app: ASGIApp, *, secure: bool, trusted_proxies: str = "", hosts: str = "") -> None:
        self._app, self._secure, self._trusted_proxies = app, secure, trusted_proxies
        self._headers = HEADERS | {b"content-security-policy": CSP.format(hosts=hosts and f" {hosts}").encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in (ScopeType.HTTP, ScopeType.WEBSOCKET):
            await self._app(scope, receive, send)
            return
        came = came_from.set(client_of(scope, self._trusted_proxies) or None)
        agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"").decode("latin-1")
        with_device = device.set(agent.replace("\x00", "")[:LONGEST_DEVICE] or None)
        try:
            if scope["type"] == ScopeType.HTTP:
                await self._http(scope, receive, send)
            else:
                await self._app(scope, receive, send)
        finally:
            device.reset(with_device)
            came_from.reset(came)

    async def _http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        began, status = perf_counter(), 500
        given = {
            name: value.decode("latin-1")
            for name, value in scope["headers"]
            if name in (b"traceparent", b"x-request-id")
        }
        traced = _TRACEPARENT.fullmatch(given.get(b"traceparent", ""))
        asked = given.get(b"x-request-id", "")
        id = asked if _ID.fullmatch(asked) else secrets.token_hex(8)
        trace = traced.group(1) if traced else secrets.token_hex(16)
        token = request_id.set(id)
        structlog.contextvars.bind_contextvars(request_id=id, trace_id=trace)
        method = str(scope["method"]) if str(scope["method"]) in METHODS else "OTHER"
        UNDER_WAY.labels(method).inc()
        headless = method == "HEAD"
        if headless:  # what can be got can be asked about; the server keeps its own scope, and sends no body
            scope = {**scope, "method": HttpMethod.GET}

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers: list[Any] = list(message.get("headers", []))
                present = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in self._headers.items() if name not in present]
                if self._secure:
                    headers.append(STRICT)
                if b"cache-control" not in present:  # a record page must never be kept anywhere
                    headers.append((b"cache-control", b"no-store"))
                headers.append((b"x-request-id", id.encode()))
                message["headers"] = headers
            elif headless and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = perf_counter() - began
            route = scope.get("path_template") or "unknown"
            SECONDS.labels(method, route, status).observe(seconds)
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
            structlog.contextvars.clear_contextvars()
            request_id.reset(token)
