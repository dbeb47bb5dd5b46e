"""What every request passes on its way in and out: an id, a line in the log, a measure, and headers that protect."""

import os
import re
from functools import cache, lru_cache
from time import perf_counter
from typing import Any

import structlog
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Counter, Gauge, Histogram

from svastha.doors.address import client_of
from svastha.kit.caller import LONGEST_DEVICE, Caller, caller

METHODS = {method.value: method.value for method in HttpMethod}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2.5, 5, 10)
SECONDS = Histogram(
    "svastha_http_request_seconds",
    "Time to the last byte, by route; streams apart.",
    ("method", "route", "status"),
    buckets=BUCKETS,
)
UNDER_WAY = Counter("svastha_http_requests_total", "Requests begun.", ("method",))
LIVE = Gauge("svastha_live_connections", "Streams and sockets that are open.", ("kind",), multiprocess_mode="livesum")

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
STREAM = b"text/event-stream"
STRICT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")

_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger()


# Looking a measure up takes as long as taking it.
@lru_cache
def _begun(method: str) -> Counter:
    return UNDER_WAY.labels(method)


@lru_cache(maxsize=4096)
def _taken(method: str, route: str, hundreds: int) -> Histogram:
    return SECONDS.labels(method, route, f"{hundreds}xx")


@lru_cache(maxsize=4096)
def _device_of(agent: bytes) -> str | None:
    return agent.decode("latin-1").replace("\x00", "")[:LONGEST_DEVICE] or None


class Passage:
    """Pure ASGI, outermost. The trace id of W3C ``traceparent`` goes through; a fresh one where there is none."""

    def __init__(self, app: ASGIApp, *, secure: bool, trusted_proxies: str = "", hosts: str = "") -> None:
        self._app, self._trusted_proxies = app, trusted_proxies
        given = HEADERS | {b"content-security-policy": CSP.format(hosts=hosts and f" {hosts}").encode()}
        given |= {b"cache-control": b"no-store"}  # a record page must never be kept anywhere
        headers = [*given.items(), *([STRICT] if secure else [])]

        @cache
        def missing(present: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
            return [(name, value) for name, value in headers if name not in present]

        self._names, self._missing = frozenset(name for name, _ in headers), missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._http(scope, receive, send)
        elif scope["type"] == ScopeType.WEBSOCKET:
            agent = next((said for name, said in scope["headers"] if name == b"user-agent"), b"")
            called = caller.set(Caller(client_of(scope, self._trusted_proxies) or None, _device_of(agent)))
            try:
                with LIVE.labels("socket").track_inprogress():
                    await self._app(scope, receive, send)
            finally:
                caller.reset(called)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        began, status, streams, agent = perf_counter(), 500, False, b""
        fresh = os.urandom(24).hex()
        id, trace = fresh[:16], fresh[16:]
        for name, value in scope["headers"]:
            if name == b"user-agent":
                agent = agent or value
            elif name == b"x-request-id" and _ID.fullmatch(value):
                id = value.decode()
            elif name == b"traceparent" and (traced := _TRACEPARENT.fullmatch(value)):
                trace = traced[1].decode()
        called = caller.set(Caller(client_of(scope, self._trusted_proxies) or None, _device_of(agent), id, trace))
        method = METHODS.get(scope["method"], "OTHER")
        _begun(method).inc()
        headless = method == "HEAD"
        if headless:  # what can be got can be asked about; the server keeps its own scope, and sends no body
            scope = {**scope, "method": HttpMethod.GET}

        async def sending(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                headers: list[Any] = list(message.get("headers", ()))
                present = dict(headers)
                if present.get(b"content-type", b"").startswith(STREAM):
                    streams = True
                    LIVE.labels("stream").inc()
                headers += self._missing(self._names.intersection(present))
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
            if streams:
                LIVE.labels("stream").dec()
            else:
                _taken(method, route, status // 100).observe(seconds)
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
            caller.reset(called)
