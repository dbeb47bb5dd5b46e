"""Links of the OpenAPI document: what an operation has made, and the operations that go on with it.

Derived from the paths: what a POST to ``/things`` answers with an ``id`` is what stands in ``/things/{thing_id}/…``.
Only where the id means something else is it said here.
"""

import re
from typing import Any

from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

HOLD, BOOK = "/api/v1/clinics/{clinic}/holds", "/api/v1/clinics/{clinic}/appointments"
_ITS_OWN = re.compile(r"/\{(\w+)\}(?:/[^{}]*)?")
_GIVEN = re.compile(r"\{(\w+)\}")


class Linked(JsonRenderPlugin):
    """``openapi.json``, with links."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        link(openapi_schema)
        return super().render(request, openapi_schema)


def link(document: dict[str, Any]) -> None:
    """Doing it again changes nothing."""
    paths = document["paths"]
    for path, methods in paths.items():
        made = methods.get("post", {}).get("responses", {}).get("201")
        if made is None or not _has_id(document, made):
            continue
        given = {name: f"$request.path.{name}" for name in _GIVEN.findall(path)}
        made["links"] = {
            operation["operationId"]: {
                "operationId": operation["operationId"],
                "parameters": given | {its[1]: "$response.body#/id"},
            }
            for other, operations in paths.items()
            if other.startswith(path) and (its := _ITS_OWN.fullmatch(other.removeprefix(path)))
            for operation in operations.values()
        }
    book = paths[BOOK]["post"]["operationId"]
    wish = {name: f"$response.body#/{name}" for name in ("doctor_id", "starts_at", "mode", "patient_id")}
    paths[HOLD]["post"]["responses"]["201"].setdefault("links", {})[book] = {
        "operationId": book,
        "parameters": {"clinic": "$request.path.clinic"},
        "requestBody": wish | {"hold_id": "$response.body#/id"},
    }


def _has_id(document: dict[str, Any], response: dict[str, Any]) -> bool:
    shown: dict[str, Any] = next(iter(response.get("content", {}).values()), {})
    schema: dict[str, Any] = shown.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return "id" in schema.get("properties", {})
