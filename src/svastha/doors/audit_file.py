"""What was found in the audit, as a file that comes line by line."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Literal

import msgspec
from litestar.response import Stream

from svastha.doors.audit_chain import chain
from svastha.doors.audit_search import Asking, everything, found, plain
from svastha.doors.visit import Asked, house_of
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

Kind = Literal["csv", "jsonl", "sealed"]  # sealed: with seals and signatures, for `svastha audit verify --export`
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl", "sealed": "application/jsonl"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a spreadsheet would work it out


async def as_file(request: Asked, place: str | None, asking: Asking, kind: Kind) -> Stream:
    """The first line is fetched before the answer begins: a refusal is still a refusal."""
    lines = _lines(request, place, asking, kind)
    first = await anext(lines, "")

    async def body() -> AsyncIterator[str]:
        yield first
        async for line in lines:
            yield line

    name = f"audit-{place or 'platform'}.{'sealed.jsonl' if kind == 'sealed' else kind}"
    return Stream(body(), media_type=TYPES[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _lines(request: Asked, place: str | None, asking: Asking, kind: Kind) -> AsyncIterator[str]:
    if kind == "sealed":
        if asking != Asking():
            raise Invalid(FieldError("format", N_("A sealed copy is always of everything.")))
        await found(request, place, Asking(limit=1), kind="export")  # noted like any other
        async for record in chain(house_of(request), place):
            yield msgspec.json.encode(record).decode() + "\n"
        return
    begun = False
    async for line in everything(request, place, asking):
        if kind == "jsonl":
            yield msgspec.json.encode(line).decode() + "\n"
            continue
        row = plain(line)
        if not begun:
            begun = True
            yield row_of(list(row))
        yield row_of([harmless(text) for text in row.values()])


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def row_of(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
