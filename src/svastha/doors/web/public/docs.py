"""The API, readable: the OpenAPI document of this very server, laid out by us and loading nothing from elsewhere."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from litestar import Response, get

from svastha.doors.refused import STATUS, TITLES
from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.kit.refusals import Refusal

METHODS = ("get", "post", "put", "patch", "delete")

Schema = Mapping[str, Any]


class Field(NamedTuple):
    """A row of a table."""

    name: str
    type: str
    required: bool
    says: str
    place: str = ""  # of a parameter: path, query, header


class Table(NamedTuple):
    name: str
    says: str
    fields: list[Field]


class Answer(NamedTuple):
    status: str
    says: str
    type: str


class Operation(NamedTuple):
    method: str
    path: str
    summary: str
    says: str
    open: bool  # to whoever is not signed in
    parameters: list[Field]
    takes: Table | None
    answers: list[Answer]


class Code(NamedTuple):
    code: str
    status: int
    title: str
    says: str


@get("/api/docs", needs="public")
async def docs(request: Asked) -> Response[Any]:
    document = request.app.openapi_schema.to_schema()
    return await page(
        request,
        "public/docs.html",
        title=document["info"]["title"],
        version=document["openapi"],
        groups=groups_of(document),
        types=types_of(document),
        codes=sorted(codes_of(Refusal), key=lambda code: (code.status, code.code)),
        pieces=pieces,
    )


def groups_of(document: Schema) -> dict[str, list[Operation]]:
    """Operations by tag, in the order the server declares them."""
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                tags = item[method].get("tags") or ["Other"]
                groups.setdefault(tags[0], []).append(operation_of(document, method, path, item[method]))
    return dict(sorted(groups.items()))


def operation_of(document: Schema, method: str, path: str, told: Schema) -> Operation:
    return Operation(
        method.upper(),
        path,
        told.get("summary") or "",
        told.get("description") or "",
        told.get("security", document.get("security")) in (None, []),
        [
            Field(p["name"], type_of(p.get("schema", {})), p.get("required", False), p.get("description", ""), p["in"])
            for p in told.get("parameters", ())
        ],
        body_of(document, told.get("requestBody")),
        [
            Answer(status, answer.get("description", ""), type_of(content_of(answer)))
            for status, answer in sorted(told.get("responses", {}).items())
        ],
    )


def content_of(told: Schema) -> Schema:
    found: Schema = next((content.get("schema", {}) for content in told.get("content", {}).values()), {})
    return found


def body_of(document: Schema, told: Schema | None) -> Table | None:
    if not told:
        return None
    schema = content_of(told)
    named = next(iter(re.findall(r"\[(\w+)\]", type_of(schema))), "")
    components = document["components"]["schemas"]
    return table_of(named, components[named]) if named in components else Table(type_of(schema), "", [])


def types_of(document: Schema) -> list[Table]:
    return [table_of(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]


def table_of(name: str, schema: Schema) -> Table:
    required = schema.get("required", ())
    return Table(
        name,
        schema.get("description") or "",
        [
            Field(field, type_of(told), field in required, told.get("description", ""))
            for field, told in schema.get("properties", {}).items()
        ],
    )


def type_of(schema: Schema) -> str:
    """In words. A type of the document stands in brackets: ``list of [Offer]``."""
    if "$ref" in schema:
        return f"[{schema['$ref'].rsplit('/', 1)[-1]}]"
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            return " or ".join(dict.fromkeys(type_of(one) for one in schema[choice]))
    if "enum" in schema:
        return " or ".join("null" if value is None else f'"{value}"' for value in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    words = " or ".join(kind) if isinstance(kind, list) else kind
    return f"{words} ({schema['format']})" if "format" in schema else words


def pieces(words: str) -> list[tuple[str, bool]]:
    """A type in words, cut where it names a type of the document."""
    return [(piece, number % 2 == 1) for number, piece in enumerate(re.split(r"\[(\w+)\]", words)) if piece]


def codes_of(kind: type[Refusal]) -> Iterable[Code]:
    """Every refusal the house knows, with the status it is answered with."""
    for child in kind.__subclasses__():
        status = next((STATUS[base] for base in child.__mro__ if base in STATUS), None)
        if status and child.code != Refusal.code:
            yield Code(child.code, status, TITLES[status], child.says)
        yield from codes_of(child)


routes = [docs]
