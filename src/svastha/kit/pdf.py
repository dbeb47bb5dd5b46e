"""Typesetting: a Typst template and plain data become a PDF/A-2b (or PNG pages)."""

import functools
import io
import threading
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import segno
import typst

FONTS = Path(__file__).parent / "fonts"

# A Typst compiler refuses to be entered by two threads at once; a page takes 10 to 20 ms.
_one_at_a_time = threading.Lock()


def typeset(template: bytes, data: object, *, at: datetime) -> bytes:
    """The PDF of `template` with `data`, the same bytes for the same input.

    `data` is anything msgspec can make JSON of; the template reads it with
    `json(bytes(sys.inputs.data))`, so nothing in it can ever be taken for markup. `at` (aware, whole
    seconds) is the creation time in the file. Raises typst.TypstError if the template itself is at fault.
    """
    try:
        file: bytes = _compile(template, data, format="pdf", at=at, pdf_standards=["a-2b"])
    except typst.TypstError:
        # PDF/A forbids a sign that no shipped font can draw (an emoji, say). The document is worth more
        # than its archival mark: such a sign is printed as an empty box in an ordinary PDF.
        file = _compile(template, data, format="pdf", at=at)
    return file


def pictures(template: bytes, data: object, *, at: datetime, ppi: int = 144) -> list[bytes]:
    """The same pages as PNG, one per page."""
    pages = _compile(template, data, format="png", at=at, ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def qr(text: str, *, dark: str = "#000000", quiet: int = 4) -> str:
    """A QR code as SVG text that survives 15 % damage; readers need `quiet` = 4 modules of white around it."""
    svg = io.BytesIO()
    # Any mask can be read. Trying which of the eight looks best takes four times as long as all the rest.
    segno.make(text, error="m", micro=False, mask=0).save(svg, kind="svg", xmldecl=False, dark=dark, border=quiet)
    return svg.getvalue().decode()


def _compile(template: bytes, data: object, *, at: datetime, **how: Any) -> Any:
    text = msgspec.json.encode(_printable(msgspec.to_builtins(data))).decode()
    with _one_at_a_time:
        return _compiler().compile(input=template, sys_inputs={"data": text}, timestamp=int(at.timestamp()), **how)


@functools.cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
    return typst.Compiler(root=FONTS, font_paths=fonts, ignore_system_fonts=True)


def _printable(value: Any) -> Any:
    """The value with every string freed of what cannot be seen: control and direction signs.

    Joiners stay, Devanagari needs them. An override of direction would print other words than were signed.
    """
    if isinstance(value, str):
        if value.isprintable():  # mostly; told at once
            return value
        return "".join(map(_visible, value.replace("\r\n", "\n")))
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


def _visible(sign: str) -> str:
    if sign in "\n\u200c\u200d":
        return sign
    match unicodedata.category(sign):
        case "Zl" | "Zp":
            return "\n"
        case "Cc":
            return " " if sign == "\t" else ""
        case "Cf":
            return ""
    return sign
