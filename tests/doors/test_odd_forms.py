"""Every form of the pages with odd data, as somebody who may send it: refused perhaps, but nothing breaks."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
import pytest
from litestar.enums import RequestEncodingType
from litestar.routes import HTTPRoute

from svastha.doors.web.doctor.onboarding import NAMES
from tests.cast import IDS, World, email
from tests.doctors.applying import PDF, WHOLE
from tests.doors.fuzzing import CAST, Caller, Stage, staged
from tests.doors.test_openapi_fuzz import ODD_BODIES, ODD_VALUES, whoever_may

# Each as it travels, where it stands for the value of one field.
ODD_TEXTS = [
    *(b"%00", b"%FF", b"%ED%A0%80", b"\xff", b"-1", b"1e999", b"9" * 400, b"x" * 100_000, "१२३".encode()),
    *(b"0001-01-01T00:00:00-23:59", b"9999-12-31T23:59:59-12:00", b"%0D%0AX-Odd:1", b"[]", b"%27%22)--%5C"),
]
FORM = b"application/x-www-form-urlencoded"
PARTS = b"multipart/form-data; boundary=cut"
PART = b'--cut\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n--cut--\r\n'
ODD_FORMS = [
    (FORM, b""),
    (FORM, b"\xff\xfe\0%"),
    (FORM, b"=&&=%=&;"),
    (FORM, b"&a=b" * 20_000),
    (FORM + b"; charset=utf-16", b"name=x"),
    (FORM + b"; charset=none", b"name=x"),
    (PARTS, b""),
    (PARTS, b"--cut"),
    (PARTS, PART % (b"\xff", b"", b"\xff\0")),
    (PARTS, PART % (b"a", b"\r\nContent-Type: text/plain; charset=none", b"x")),
    (PARTS, PART % (b"a", b"\r\nContent-Type: text/plain; charset=hex", b"x")),
    (PARTS, PART % (b"a", b"\r\nContent-Type: text/plain; charset=idna", b"x" * 100)),
    (PARTS, b"--cut\r\nContent-Disposition: \r\nContent-Type: \xff\r\n\r\nx\r\n--cut--\r\n"),
    (PARTS, b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 3_000 + b"--cut--\r\n"),
    (b"multipart/form-data", b"--cut\r\n\r\n--cut--\r\n"),
    (b"multipart/form-data; boundary=\xff", b"--\xff--\r\n"),
    (b"application/json", b"{}"),
    (b"text/plain", b"name=x"),
    (b"\xff", b"\xff"),
    (b"", b"name=x"),
]

# What is read from a form field by field.
READ = {
    "note": ["subjective", "nadi", "version"],
    "prescription": ["rx-0-medicine", "rx-0-days", "rx-0-dose", "diet", "version"],
    "no-show": ["next"],
    "you": ["name", "gender", "languages"],
    "registration": ["council_code", "registration_no", "registered_on", "valid_to"],
    "degrees": ["degree0", "university0", "year0", "subject0"],
    "practice": ["specialties", "about"],
}
LAST = ("/close", "/sign-out", "/suspend", "/reset")  # whoever did that is gone

PARTS_OF_ALL = 2  # for as many workers

RIGHT = {k: v for k, v in WHOLE.items() if isinstance(v, str)} | {
    "email": email("kavya"),
    "mode": "video",
    "key": "once",
    "version": "0",
    "subjective": "s",
    "rx-0-medicine": "Triphala",
    "rx-0-days": "7",
    "degree0": "BAMS",
    "university0": "MUHS Nashik",
    "year0": "2014",
    "kind": "identity",
    "decision": "verify",
    "next": "/home",
    "relation": "sister",
    "days": "30",
    "birth_date": "2015-06-01",
    "sex": "female",
    "may_act": "true",
    "clinic": "asha",
}


class Form(NamedTuple):
    path: str
    needs: str
    fields: list[str]
    is_json: bool


def forms(world: World) -> list[Form]:
    """Every route of the pages that something is posted to."""
    assert world.app
    found = []
    for route in world.app.routes:
        if not isinstance(route, HTTPRoute) or route.path.startswith(("/api/", "/hooks/")):
            continue
        for handler in route.route_handlers:
            if "POST" not in handler.http_methods:
                continue
            data = handler.parsed_data_field
            fields = [one.name for one in msgspec.structs.fields(data.annotation)] if data else []
            is_json = bool(data) and getattr(data.kwarg_definition, "media_type", None) == RequestEncodingType.JSON
            steps = NAMES if "{step}" in route.path_format else [""]
            for path in [route.path_format.replace("{step}", step) for step in steps]:
                read = fields or READ.get(path.rsplit("/", 1)[1], [])
                found.append(Form(path, handler.opt["needs"], read, is_json))
    return sorted(found, key=lambda one: one.path.endswith(LAST))


def bodies(form: Form, right: dict[str, str]) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content. One field after the other is odd or missing, others are right; then the whole."""
    kept = {name: right.get(name, "") for name in form.fields}
    if form.is_json:
        for name in form.fields:
            yield from ((b"application/json", json.dumps(kept | {name: value}).encode()) for value in ODD_VALUES)
        yield from ((b"application/json", content) for content in ODD_BODIES)
    else:
        # With a password each try costs a tenth of a second: there the odd texts take turns.
        turns = 3 if "password" in form.fields else 1
        for number, name in enumerate(form.fields):
            others = urlencode({other: value for other, value in kept.items() if other != name}).encode()
            yield FORM, others
            yield from (
                (FORM, others + b"&" + name.encode() + b"=" + odd) for odd in ODD_TEXTS[number % turns :: turns]
            )
            yield FORM, others + b"&" + b"&".join([name.encode() + b"=1"] * 2)
            yield PARTS, PART % (name.encode(), b"", b"\xff\0")
            yield PARTS, PART % (name.encode(), b'; filename="\xff"', PDF)
    yield from ODD_FORMS if form.fields else ODD_FORMS[:2]


async def filled(stage: Stage, path: str) -> str:
    """With what is really there, made anew where somebody may use it up."""
    real = stage.values | {"visit_id": await stage.visit(path, "POST"), "token": "none", "provider": "none"}
    if "{hold_id}" in path:
        real["hold_id"], _ = await stage.hold()
    return re.sub(r"{(\w+)}", lambda found: str(real.get(found[1]) or uuid4()), path)


@pytest.mark.parametrize("part", range(PARTS_OF_ALL))
async def test_no_form_breaks_however_odd_what_is_sent(world: World, part: int) -> None:
    wrong: dict[str, str] = {}
    stage = await staged(world)
    right = {name: value for name, value in stage.values.items() if isinstance(value, str)} | RIGHT
    right["starts_at"] = next(stage.times).isoformat()
    for form in forms(world)[part::PARTS_OF_ALL]:
        who = whoever_may(form.needs)
        caller = Caller(world, who, None if who == "nobody" else IDS[CAST[who]], kind="browser")
        path = await filled(stage, form.path)
        for kind, content in bodies(form, right):
            answer = await caller.ask("POST", path, content, {"content-type": kind})
            if answer.status_code >= 500:
                asked = f"{kind!r} {content[:200]!r}"
                wrong.setdefault(form.path, f"{form.path} as {who}: {answer.status_code} for {asked}")
    assert not wrong, "\n".join(wrong.values())
