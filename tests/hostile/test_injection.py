"""What people type, and what their programs say of themselves, stays text wherever it arrives."""

import csv
import io
import json
import sys
from typing import Any

import pytest
import structlog

from svastha.kit.log import set_up
from svastha.kit.names import is_name
from tests.attacks.walk import Walker, doors, lived_in
from tests.cast import IDS, World
from tests.cast import email as email_of

MARKUP = "<img src=x onerror=alert(1)>\"'`{{7*7}}{%raw%}${7*7}#{7*7}&lt;"
NAMES = ["Rao\r\nBcc: x@evil.test", "Rao\u202eoaR", "Rao\x1b[2J", "Rao\x9b2J", "Rao\u2028x", "\u200b", "\x7f", "\ue000"]


async def test_what_is_typed_is_text_on_every_page(world: World) -> None:
    ids = await lived_in(world)
    await world.sql(None, "UPDATE accounts SET name = $1 WHERE id = ANY($2)", MARKUP, [IDS["ananya"], IDS["farida"]])
    await world.sql("asha", "UPDATE patients SET name = $1", MARKUP)
    await world.sql("asha", "UPDATE practitioners SET name = $1", MARKUP)
    pages = [door for door in doors(world) if door.method == "GET" and not door.for_programs]
    answers = await Walker(world, ids).walk(pages, ["ananya", "rao", "farida"])
    shown = [one for one in answers if "text/html" in one.response.headers.get("content-type", "")]
    assert not [one for one in shown if "<img src=x" in one.response.text or "49" in _around(one.response.text)]
    assert sum("&lt;img src=x" in one.response.text for one in shown) > 20, "it has to be seen to be escaped"


def _around(text: str) -> str:
    return " ".join(part[:60] for part in text.split("onerror=alert(1)")[1:])


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_moves_no_cursor_and_begins_no_line(a_house: World, name: str) -> None:
    ananya = await a_house.api("ananya")
    answer = await ananya.patch("/me", json={"name": name})
    if answer.status_code == 200:  # ends of lines have become spaces
        assert is_name(answer.json()["name"])
        assert len(answer.json()["name"].splitlines()) == 1
    else:
        assert answer.status_code == 422
    assert (await ananya.patch("/me", json={"name": "र्\u200dय"})).status_code == 200


async def test_nothing_of_a_request_becomes_a_header_of_the_answer(a_house: World) -> None:
    web, odd = await a_house.web(), "%0d%0aX-Odd%3a%201%0d%0a%0d%0a<script>"
    plain = [door for door in doors(a_house) if door.method == "GET" and "{" not in door.path]
    for door in plain:
        for path in (f"{door.path}?next=/{odd}&q={odd}&lang={odd}&doctor={odd}", f"{door.path}/{odd}"):
            answer = await web.get(path, headers={"x-request-id": "a\tb", "host": "evil.test"})
            assert answer.status_code < 500, path
            assert "x-odd" not in answer.headers
            assert not [value for value in answer.headers.values() if "\r" in value or "\n" in value]
            assert "evil.test" not in answer.headers.get("location", ""), path


async def test_a_line_of_the_log_is_one_line_of_plain_letters(a_house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    structlog.reset_defaults()
    set_up("info")
    monkeypatch.setattr("svastha.doors.passage.log", structlog.get_logger())  # one that has not written yet
    web = await a_house.web()
    odd = {"user-agent": "x\x1b[2J\x9b", "x-request-id": 'aaaaaaaa","b":"', "traceparent": "00-x\n"}
    sent = [(name.encode(), value.replace("\n", "").encode("latin-1")) for name, value in odd.items()]
    await web.get("/%0a{%22level%22:%22forged%22}%1b[2J/\u202e", headers=sent)
    structlog.get_logger().warning("told", what="a\nb\x1b[2J\x9b\u2028\u202e\ud800")
    lines = written.getvalue().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["request", "told"]
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert "forged" not in written.getvalue()


async def test_no_cell_of_an_export_is_worked_out(a_house: World) -> None:
    devices = [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "@SUM(1)",
        "\t=1",
        '"=1',
        'a"\tb,=1',
        "＝1".encode().decode("latin-1"),
    ]
    for number, device in enumerate(devices):
        ananya = await a_house.api("ananya")
        await ananya.get("/clinics/asha/appointments", headers={"user-agent": device.encode("latin-1")})
        await ananya.patch("/me", json={"name": f"Ananya {number}"}, headers={"user-agent": device.encode("latin-1")})
    jaya = await a_house.api("jaya")
    answer = await jaya.get("/platform/audit/export", params={"format": "csv"})
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    cells = [cell for row in rows for cell in row.values()]
    assert {"'=cmd|' /C calc'!A0", "'+1+1", "'-1+1", "'@SUM(1)"} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


async def test_what_a_name_says_is_not_filled_in(world: World) -> None:
    await world.sql(None, "UPDATE accounts SET name = $1 WHERE id = $2", "{code}{name.__class__}%s", IDS["ananya"])
    nobody: Any = await world.api()
    assert (await nobody.post("/auth/code", json={"contact": email_of("ananya")})).status_code == 202
    await world.booked("ananya", at=(await world.free())[1])
    await world.settle()
    mails = world.mail("ananya")
    assert len(mails) >= 2
    assert not [mail for mail in mails if "class '" in mail.text]
