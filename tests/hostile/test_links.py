"""Chains of operations: what one has made, the next one reads, changes or ends."""

import os
import time

from schemathesis import Case, GenerationMode
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import StepOutput
from schemathesis.specs.openapi.stateful import collect_transitions
from schemathesis.specs.openapi.stateful.links import OpenApiLink

from tests.cast import World
from tests.doors.test_openapi_fuzz import cases
from tests.hostile.walking import Walk

# What cannot be made from the document alone: a passkey needs an authenticator, a document a file, guardianship a
# person who was invited.
NEEDS_MORE = {"/api/v1/me/passkeys", "/api/v1/me/doctor/documents", "/api/v1/clinics/{clinic}/me/guardians"}
# Of a visit nobody has written about, that is no part of a series, or has not taken place.
NOT_YET = ("/note", "/prescription", "/prescription.pdf", "/cancel-rest", "/follow-up")


async def test_nothing_fails_along_the_links(world: World) -> None:
    """`python -m fuzz` asks for more walks, and other ones."""
    seed, seconds = os.environ.get("SVASTHA_WALK_SEED"), float(os.environ.get("SVASTHA_WALK_SECONDS", "0"))
    walk, until, turns = await Walk(world).ready(), time.monotonic() + seconds, 0
    while turns == 0 or time.monotonic() < until:
        await walk.walk(examples=10 if seed else 4, steps=12 if seed else 6, seed=int(seed or 1) + turns)
        turns += 1
        assert not walk.wrong, "\n".join(walk.wrong.values())
    assert walk.followed


async def test_each_link_leads_to_what_was_made(world: World) -> None:
    walk = await Walk(world).ready()
    operations = {one.label: one for one in (found.ok() for found in walk.schema.get_all_operations())}
    lost, never, followed = [], set(), 0
    for label, around in collect_transitions(list(operations.values())).operations.items():
        beginnings = cases(operations[label], GenerationMode.POSITIVE, 10) if around.outgoing else []
        made = None
        for link in sorted(around.outgoing, key=lambda link: link.target.method == "delete"):
            made = await _made(walk, beginnings) or made  # some things there can be but once
            if made is None:
                never.add(operations[label].path)
                break
            answer = await walk.send(_next(link, made), begins=False)
            followed += 1
            if answer.status_code in (404, 405) and not link.target.path.endswith(NOT_YET):
                lost.append(f"{label} -> {link.target.label}: {answer.text}")
    assert not lost, "\n".join(lost)
    assert never <= NEEDS_MORE
    assert followed > 30
    assert not walk.wrong, "\n".join(walk.wrong.values())


async def _made(walk: Walk, beginnings: list[Case]) -> StepOutput | None:
    """What was made, and how."""
    for case in beginnings:
        answer = await walk.send(case, begins=True)
        if answer.status_code == 201:
            return StepOutput(Response.from_any(answer), case)
    return None


def _next(link: OpenApiLink, made: StepOutput) -> Case:
    [case] = cases(link.target, GenerationMode.POSITIVE, 1)
    found = link.extract(made)
    for container, values in found.parameters.items():
        getattr(case, container).update({name: one.value.ok() for name, one in values.items()})
    if found.request_body:
        case.body |= found.request_body.value.ok()
    return case
