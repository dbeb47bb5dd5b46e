"""Answers that an operation builds itself: how they are documented, their pages, and what browsers may keep."""

import hashlib
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec

from svastha.doors.kept import is_known

FRESH = "public, max-age=15"  # the directory itself is a few seconds behind the clinics

ETAG = ResponseHeader(
    name="ETag", description="Send it back as `If-None-Match`: 304 while nothing has changed.", documentation_only=True
)

LINK = ResponseHeader(name="Link", description='The next page, `rel="next"`, if there is one.', documentation_only=True)


def documented(kind: type[msgspec.Struct], says: str) -> dict[int, ResponseSpec]:
    """The answer of an operation that builds its response itself."""
    return {200: ResponseSpec(kind, description=says, generate_examples=False)}


def a_file(says: str, kind: str = "*/*") -> dict[int, ResponseSpec]:
    """The answer of an operation that sends a file, of one kind or of several."""
    return {200: ResponseSpec(bytes, description=says, media_type=kind, generate_examples=False)}


def next_page(request: Request[Any, Any, Any], cursor: str | None) -> dict[str, str]:
    """The header of :data:`LINK`: what was asked for, from ``cursor`` on; none where that is None."""
    if cursor is None:
        return {}
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    following = urlencode([*asked, ("cursor", cursor)])
    return {"Link": f'<{request.scope["path"]}?{following}>; rel="next"'}


def public(request: Request[Any, Any, Any], content: object, *, cursor: str | None = None) -> Response[bytes]:
    """What is the same for everybody, kept for a moment, and not sent again to whoever has it."""
    body = msgspec.json.encode(content)
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"Cache-Control": FRESH, "ETag": etag, "Vary": "Accept-Encoding"} | next_page(request, cursor)
    if is_known(etag.encode(), request.headers.get("if-none-match", "").encode("latin-1")):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=MediaType.JSON, headers=headers)
