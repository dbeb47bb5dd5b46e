"""Our own few files, under an address that changes with their content; and the worker that keeps the offline page."""

import gzip
import mimetypes
from functools import cache
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from svastha.doors.visit import Asked
from svastha.doors.web.render import STATIC, hash_of, page, static_url
from svastha.kit.refusals import NotFound

NAMES = frozenset(path.name for path in STATIC.iterdir() if path.is_file())
FOR_EVER = "public, max-age=31536000, immutable"
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")


@cache
def packed(name: str) -> tuple[bytes, bytes, str]:
    body = (STATIC / name).read_bytes()
    return body, gzip.compress(body, 9), mimetypes.guess_type(name)[0] or "application/octet-stream"


@get("/static/{version:str}/{name:str}", include_in_schema=False, needs="public")
async def static_file(request: Asked, version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    if name not in NAMES:
        raise NotFound
    body, small, kind = packed(name)
    headers = {"Cache-Control": FOR_EVER if version == hash_of(name) else "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", "") and kind.startswith(("text/", "application/", "image/svg")):
        return Response(small, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(body, media_type=kind, headers=headers)


@get("/sw.js", include_in_schema=False, needs="public")
async def service_worker() -> Response[str]:
    assets = [static_url("style.css"), static_url("app.js"), "/offline"]
    text = (STATIC / "sw.js").read_text()
    text = text.replace('"__ASSETS__"', msgspec.json.encode(assets).decode()).replace(
        "__VERSION__", hash_of("style.css")
    )
    return Response(text, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@get("/offline", include_in_schema=False, needs="public")
async def offline(request: Asked) -> Response[Any]:
    answer = await page(request, "public/offline.html")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


routes = [static_file, service_worker, offline]
