"""Every operation of the OpenAPI document, with right and wrong data, as everybody who may come.

The data are made once for each operation, the same in every run, and sent by each caller in turn.
`SVASTHA_SCHEMA_EXAMPLES` asks for more of them.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from svastha.domain.accounts import PUBLIC, SELF, who_may
from tests.cast import World
from tests.doors.fuzzing import CAST, ODD, callers, described, staged, written
from tests.test_doors import declared

EXAMPLES = int(os.environ.get("SVASTHA_SCHEMA_EXAMPLES", "2"))  # right ones, and as many wrong ones
PARTS = 2  # for as many workers

# Not checked: that right data are accepted, for the document cannot say which time is free or which code was sent; and
# who may use an operation, which `tests/test_doors.py` compares with its table.
OF_ANSWERS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LAST = ("/auth/logout", "/me/close")  # whoever did that is gone

Wrong = dict[str, str]


@pytest.mark.parametrize("part", range(PARTS))
async def test_nothing_fails_and_nothing_answers_what_is_not_described(world: World, part: int) -> None:
    wrong: Wrong = {}
    schema, stage, everybody = await described(world), await staged(world), await callers(world)
    operations = [found.ok() for found in schema.get_all_operations()][part::PARTS]
    for operation in sorted(operations, key=lambda one: one.path.endswith(LAST)):
        for mode in GenerationMode:
            for number, case in enumerate(cases(operation, mode)):
                checks = [*OF_ANSWERS, negative_data_rejection]
                if number % 2 == 0:
                    await stage.put_into(case)
                    if case.path_parameters and not operation.body:
                        checks = OF_ANSWERS  # an id was all that was wrong, maybe, and is right now
                made, judged = written(case), set()
                for caller in everybody.values():
                    answer = await caller.send(made)
                    if (told := (answer.status_code, tuple(answer.headers), answer.content)) not in judged:
                        judge(wrong, caller.name, case, answer, checks)
                    judged.add(told)
    assert not wrong, "\n".join(wrong.values())


def cases(operation: Any, mode: GenerationMode, examples: int = EXAMPLES) -> list[Case]:
    found: list[Case] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        found.append(case)

    if mode is GenerationMode.POSITIVE or can_be_wrong(operation):
        with suppress(Unsatisfiable):
            collect()
    return found[:examples]


def can_be_wrong(operation: Any) -> bool:
    """Where every text is right, looking for a wrong one takes long and finds nothing."""
    return bool(operation.body) or any(
        not (one.location == "path" and set(one.definition["schema"]) <= {"type", "description", "title"})
        for one in operation.iter_parameters()
    )


def judge(wrong: Wrong, name: str, case: Case, answer: httpx.Response, checks: list[Any]) -> None:
    """One of each kind of trouble with each operation is enough to read."""
    try:
        case.validate_response(answer, checks=checks)
    except FailureGroup as trouble:
        for one in trouble.exceptions:
            kind = f"{case.operation.label} {answer.status_code} {type(one).__name__}"
            asked = f"{answer.request.method} {answer.request.url} {answer.request.content[:300]!r}"
            wrong.setdefault(kind, f"{kind}, as {name}: {str(one)[:500]}\n  {asked[:700]}\n  {answer.text[:300]}\n")


ODD_TEXTS = [
    "\0",
    "\ud800",
    "\U0010ffff\u202e",
    "x" * 200_000,
    "१२३",
    "-1",
    "1e999",
    "0001-01-01T00:00:00-23:59",
    "9999-12-31T23:59:59-12:00",
]
ODD_VALUES = [*ODD_TEXTS, 10**400, -(2**63) - 1, float("nan"), 1e308, True, None, [], {}, [[]] * 3, {"": None}]
ODD_BODIES = [b"", b"null", b"[]", b"{", b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 100_000, b"\0"]
ODD_KINDS = [b"", b"\xff", b"text/plain", b"application/json; charset=utf-16", b"multipart/form-data", b"*/*"]
ODD_CHARSET = {
    "content": b'--cut\r\nContent-Disposition: form-data; name="kind"\r\n'
    b"Content-Type: text/plain; charset=none\r\n\r\nx\r\n--cut--\r\n",
    "more": {"Content-Type": b"multipart/form-data; boundary=cut"},
}
ODD_PARTS = ["%00", "%FF", "%ED%A0%80", "%E2%80%AE", "%", "%2e%2e%2f", "1e999", "9" * 400, "x" * 5_000]
ODD_HEADERS = [b"", b"\xff", b"9" * 5_000, b'"-1"', b'"1e5"', b"*", b'W/"1"', b'"']


async def test_nothing_fails_however_odd_the_data(world: World) -> None:
    """As somebody who may. In what is right otherwise, one thing after the other is odd."""
    wrong: Wrong = {}
    needs = declared(world)
    schema, stage, everybody = await described(world), await staged(world), await callers(world)
    for operation in [found.ok() for found in schema.get_all_operations()]:
        caller = everybody[whoever_may(needs[operation.method.upper(), operation.path])]
        case = cases(operation, GenerationMode.POSITIVE)[0]
        await stage.put_into(case)
        for odd in oddities(case):
            answer = await caller.send(written(case), **odd)
            judge(wrong, caller.name, case, answer, OF_ANSWERS)
    assert not wrong, "\n".join(wrong.values())


def whoever_may(needs: str) -> str:
    if needs == PUBLIC:
        return "nobody"
    return "patient" if needs == SELF else next(role for role in [*CAST, "auditor"] if role in who_may(needs))


def oddities(case: Case) -> Iterator[dict[str, Any]]:
    """What to send instead, as ``Caller.send`` takes it."""
    for header in case.operation.headers:
        yield from ({"more": {header.name: value}} for value in ODD_HEADERS)
    if case.media_type:
        yield ODD_CHARSET
        yield from ({"more": {"Content-Type": value}} for value in ODD_KINDS)
    if case.media_type == "application/json":
        yield from ({"content": content} for content in ODD_BODIES)
        [alternative] = list(case.operation.body)
        for name in alternative.validation_schema.get("properties", {}):
            for value in ODD_VALUES:
                yield {"content": json.dumps((case.body or {}) | {name: value}).encode()}
    for place, parameters in (
        (case.path_parameters, case.operation.path_parameters),
        (case.query, case.operation.query),
    ):
        for parameter in parameters:
            before = place.get(parameter.name)
            place[parameter.name] = ODD
            yield from ({"part": part} for part in ODD_PARTS)
            place.pop(parameter.name) if before is None else place.update({parameter.name: before})
