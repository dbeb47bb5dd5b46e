"""From what one operation has made to the operations that go on with it, along the links of the OpenAPI document."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from itertools import count, cycle
from typing import Any
from uuid import uuid4

import httpx
import hypothesis
from hypothesis import HealthCheck, Phase
from schemathesis import Case
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput

from tests.cast import IDS, RAO, World
from tests.doors.fuzzing import callers, described, written
from tests.doors.test_openapi_fuzz import OF_ANSWERS, Wrong, judge, whoever_may
from tests.test_doors import declared


class Walk:
    """Everybody in it may do what she does; counts which links were followed, and with which answers."""

    def __init__(self, world: World) -> None:
        self.world, self.needs, self.loop = world, declared(world), asyncio.get_running_loop()
        self.wrong: Wrong = {}
        self.turns = count()
        self.followed: Counter[tuple[str, int]] = Counter()

    async def ready(self) -> "Walk":
        self.schema, self.people = await described(self.world), await callers(self.world)
        self.times = cycle(await self.world.free())
        booked = await self.world.booked(at=next(self.times))
        day = [(date.today() + timedelta(days=20 + number)).isoformat() for number in range(9)]
        gita = await self.world.api("gita")
        branch = (
            await gita.post("/clinics/asha/branches", json={"name": "East"}, headers={"idempotency-key": "1"})
        ).json()
        self.right: dict[str, dict[str, Any]] = {
            "exceptions": {"day": day[0], "closed": True},
            "leave": {"from": day[1], "to": day[2]},
            "waitlist": {"mode": "video", "first_day": day[3], "last_day": day[5], "doctor_id": str(RAO)},
            "holidays": {"day": day[7], "name": "Diwali"},
            "invitations": {"contact": "new@cast.test", "roles": ["receptionist"]},
            "resources": {"branch_id": branch["id"], "kind": "room", "name": "Three"},
        }
        self.known = {
            "doctor_id": str(RAO),
            "patient_id": booked["patient_id"],
            "mode": "video",
            "scopes": ["visit.read"],
            "roles": ["receptionist"],
            "networks": [],
            "follows_id": None,
            "hold_id": None,
            "branch_id": None,
            "zone": "Asia/Kolkata",
            "account_id": str(IDS["kavya"]),
        }
        return self

    async def send(self, case: Case, *, begins: bool) -> httpx.Response:
        """``begins``: nothing has come by a link, so what has to be known is put in."""
        if "clinic" in case.path_parameters:
            case.path_parameters["clinic"] = "asha"
        if begins:
            case.path_parameters.update({name: self.known[name] for name in case.path_parameters if name in self.known})
            if isinstance(case.body, dict) and (not case.meta or case.meta.generation.mode.is_positive):
                case.body.update({name: self.known[name] for name in case.body if name in self.known})
                if next(self.turns) % 2 == 0:  # all of it is right, else only what could not be guessed
                    case.body = dict(self.right.get(case.path.rsplit("/", 1)[1], case.body))
                if "starts_at" in case.body:
                    case.body["starts_at"] = next(self.times).isoformat()
        if "Idempotency-Key" in {header.name for header in case.operation.headers}:
            case.headers["Idempotency-Key"] = str(uuid4())
        who = self.people[whoever_may(self.needs[case.operation.method.upper(), case.operation.path])]
        answer = await who.send(written(case))
        judge(self.wrong, who.name, case, answer, OF_ANSWERS)
        return answer

    async def walk(self, *, examples: int, steps: int, seed: int | None = None) -> None:
        """``seed``: None makes the same walks every time."""
        walk = self
        made: Any = self.schema.as_state_machine()

        class Machine(made):  # type: ignore[misc]
            def step(self, input: StepInput) -> StepOutput:
                sending = walk.send(input.case, begins=input.transition is None)
                answer = asyncio.run_coroutine_threadsafe(sending, walk.loop).result(60)
                if input.transition is not None and input.is_applied:
                    walk.followed[input.transition.id, answer.status_code] += 1
                found = Response.from_any(answer)
                self.after_call(found, input.case)
                return StepOutput(found, input.case)

        how = hypothesis.settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=seed is None,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        machine = Machine if seed is None else hypothesis.seed(seed)(Machine)
        await asyncio.to_thread(machine.run, settings=how)
