"""Attack 19: whether somebody has an account is told by no answer, and by no work done for it."""

import re
from typing import Any

import pytest

from svastha.domain.accounts import passwords
from svastha.kit.db import Tx
from tests.cast import World, email
from tests.ways_in import browser_at

KNOWN, UNKNOWN = email("ananya"), email("nobody")
VARIES = ("x-request-id", "content-length")
WARM = email("first")  # reads keys that are then remembered
WRONG = "not hers at all"


class Work:
    """How often the database was asked, and how often Argon2 was run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        ask, hasher = Tx._ask, passwords._hasher
        work = self

        async def asking(tx: Tx, how: str, sql: str, named: dict[str, Any]) -> Any:
            if "pg_notify" not in sql:  # the bell, which is rung beside the request
                work.done.append(re.sub(r"\s+", " ", sql)[:80])
            return await ask(tx, how, sql, named)

        class Hasher:
            def verify(self, hash: str, password: str) -> bool:
                work.done.append("argon2")
                return hasher.verify(hash, password)

            def hash(self, password: str) -> str:
                work.done.append("argon2")
                return hasher.hash(password)

            def check_needs_rehash(self, hash: str) -> bool:
                return hasher.check_needs_rehash(hash)

        monkeypatch.setattr(Tx, "_ask", asking)
        monkeypatch.setattr(passwords, "_hasher", Hasher())


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/auth/register", {"name": "Lata Joshi", "password": "three quiet rivers"}),
        ("/auth/register", {"name": "Lata Joshi"}),
        ("/auth/login", {"password": WRONG}),
        ("/auth/code", {}),
        ("/auth/code/verify", {"code": "000000"}),
        ("/auth/magic-link", {}),
        ("/auth/forgotten", {}),
        ("/auth/forgotten/reset", {"code": "000000", "password": "three quiet rivers"}),
        ("/auth/verify", {"code": "000000"}),
    ],
)
async def test_programs_get_the_same_answer_after_the_same_work(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, more: dict[str, str]
) -> None:
    nobody, work = await world.api(), Work(monkeypatch)
    found = []
    for who in (WARM, KNOWN, UNKNOWN):
        work.done.clear()
        answer = await nobody.post(path, json={"contact": who, **more})
        headers = {name: value for name, value in answer.headers.items() if name not in VARIES}
        found.append((answer.status_code, answer.text.replace(who, "…"), headers, list(work.done)))
    assert found[1] == found[2]


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/sign-up", {"name": "Lata Joshi", "password": "three quiet rivers"}),
        ("/sign-in", {"password": WRONG}),
        ("/sign-in/code/send", {}),
        ("/sign-in/code", {"code": "000000"}),
        ("/sign-in/code/again", {}),
        ("/sign-in/link/send", {}),
        ("/forgotten", {}),
        ("/forgotten/code", {"code": "000000", "password": "three quiet rivers"}),
    ],
)
async def test_browsers_get_the_same_answer_after_the_same_work(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, more: dict[str, str]
) -> None:
    web, work = await browser_at(world, "198.51.100.7"), Work(monkeypatch)
    found = []
    for who in (WARM, KNOWN, UNKNOWN):
        work.done.clear()
        web.cookies.clear()
        answer = await web.post(path, data={"contact": who, **more})
        text = answer.text.replace(who, "…")
        cookies = sorted(line.split("=")[0] for line in answer.headers.get_list("set-cookie"))
        found.append((answer.status_code, text, answer.headers.get("location"), cookies, list(work.done)))
    assert found[1] == found[2]


async def test_a_suspended_account_gets_the_answer_of_none(world: World) -> None:
    await world.sql(None, "UPDATE accounts SET suspended_at = now() WHERE name = 'Ananya Deshpande'")
    nobody = await world.api()
    answers = [
        (await nobody.post("/auth/login", json={"contact": who, "password": "correct horse battery"})).text
        for who in (KNOWN, UNKNOWN)
    ]
    assert answers[0] == answers[1]
