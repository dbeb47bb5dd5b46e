"""What leaves the house, over every route, asked by everybody: attacks 22, 26, 27 and 28. One walk, many questions."""

import io
import json
import re
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import pytest
import structlog

from svastha.domain import factors
from svastha.domain.accounts import PUBLIC
from svastha.doors import visit
from svastha.kit.log import set_up
from svastha.kit.runtime_role import role_password
from tests.attacks.walk import PRIVATE, TYPED, Answer, Walker, doors, lived_in, members
from tests.cast import CLINICS, IDS, MASTER_KEY, PASSWORD, World
from tests.conftest import opened
from tests.databases import Databases

STRANGERS = ("kavya", "iyer", "hari", "indu", "jaya", None)
VISITS = re.compile(r"\{(appointment_id|visit_id)\}")
NAMED_LIKE_A_SECRET = re.compile(r"hash|secret|password|private|wrapped", re.IGNORECASE)
# Columns that hold bytes and are no secret: fingerprints and public keys, which are there to be compared.
SHOWN = {
    ("prescriptions", "document_sha256"),
    ("notes", "content_sha256"),
    ("audit_signers", "public"),
    ("passkeys", "credential_id"),
    ("passkeys", "public_key"),
    ("ceremonies", "challenge"),
    *((table, "hash") for table in ("audit_seals", "audit_leaves", "audit_anchors")),
    *(("audit_seals", column) for column in ("previous", "root", "signature")),
}
OF_ANANYA = {
    "appointments": "id = $1",
    "notes": "appointment_id = $1",
    "prescriptions": "appointment_id = $1",
    "chat_lines": "appointment_id = $1",
    "patients": "id = (SELECT patient_id FROM appointments WHERE id = $1)",
}


class Walked(msgspec.Struct):
    world: World
    answers: list[Answer]
    log: str
    secrets: set[bytes]
    changed_by_strangers: list[str]


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Everything that is logged, in full, by whichever module."""
    said, patch = io.StringIO(), pytest.MonkeyPatch()
    patch.setattr(sys, "stderr", said)
    set_up("debug")
    for name, module in list(sys.modules.items()):
        if name.startswith("svastha.") and hasattr(module, "log") and hasattr(module.log, "bind"):
            patch.setattr(module, "log", structlog.get_logger())
    yield said
    patch.undo()
    set_up("error")


async def columns(world: World, place: str | None) -> list[tuple[str, str, str]]:
    rows = await world.sql(
        place,
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'",
    )
    return [tuple(row) for row in rows]


async def kept(world: World) -> set[bytes]:
    """Every digest, sealed text and wrapped key in the databases, as bytes; and hashes that are text."""
    found: set[bytes] = set()
    for place in (None, *CLINICS):
        for table, column, kind in await columns(world, place):
            if (table, column) in SHOWN or not (kind == "bytea" or (kind == "text" and "hash" in column)):
                continue
            for (value,) in await world.sql(place, f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'):
                found.add(value if kind == "bytea" else value.encode())
    return {one for one in found if len(one) >= 16}


async def known(world: World, ids: dict[str, Any]) -> set[bytes]:
    """What only this process, the operator or its owner knows."""
    ring, ours = await world.house.routing.keyring(), world.house.settings
    vaults = [ring.platform, *[(await world.house.routing.find(slug))[1] for slug in CLINICS]]
    found = {key for vault in vaults for key in vault._keys.values()} | set(ring._index.values())
    found |= {key.private for key in ring._signing.values() if key.private}
    texts = [MASTER_KEY, ours.secret, ours.turn_secret, role_password(ours.secret), PASSWORD, TYPED, ids["_key"]]
    texts += [*ids["_recovery"], *[code.replace("-", "") for code in ids["_recovery"]]]
    async with visit.to_control(world.house) as tx:
        for id in IDS.values():
            kept_totp = await factors.totp.kept_totp(tx, id)
            texts += [kept_totp.secret] if kept_totp else []
    return found | {text.encode() for text in texts}


def looks(secret: bytes) -> set[bytes]:
    """The ways in which bytes get into a text."""
    plain = {secret, b64encode(secret).rstrip(b"="), urlsafe_b64encode(secret).rstrip(b"=")}
    return plain | {secret.hex().encode(), secret.hex().upper().encode()}


@pytest.fixture(scope="module")
async def walked(
    anyio_backend: str, dsn: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walked]:
    async with databases.own() as prefix, opened(dsn, prefix, tmp_path_factory.mktemp("walk")) as world:
        with listening() as log:
            ids = await lived_in(world)
            secrets = await known(world, ids)
            walker, asked = Walker(world, ids), doors(world)
            before = await rows_of_ananya(world, ids)
            answers = await walker.walk(asked, STRANGERS)
            after = await rows_of_ananya(world, ids)
            changed = [table for table in before if before[table] != after[table]]
            answers += await walker.walk(asked, [name for name in IDS if name not in STRANGERS])
            secrets |= {client.headers[name].split()[-1].split("=")[-1].encode() for client in walker.clients
                        for name in ("authorization", "cookie") if name in client.headers}  # fmt: skip
            await break_down(world)
            await world.settle()
        secrets |= await kept(world)
        yield Walked(world, answers, log.getvalue(), secrets, changed)


async def rows_of_ananya(world: World, ids: dict[str, Any]) -> dict[str, Any]:
    return {
        table: await world.sql("asha", f"SELECT t::text FROM {table} t WHERE {hers} ORDER BY 1", ids["appointment_id"])
        for table, hers in OF_ANANYA.items()
    }


async def break_down(world: World) -> None:
    """A fault whose message quotes a row, as those of databases do: in a request, and in a job."""
    await world.sql(
        None,
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'broken: %', (SELECT string_agg(password_hash, ' ') FROM accounts); END $$",
    )
    for table in ("accounts", "codes"):
        await world.sql(
            None, f"CREATE TRIGGER broken BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION broken()"
        )
    kavya = await world.api("kavya")
    assert (await kavya.patch("/me", json={"name": "Another"})).status_code == 500
    await world.sql(None, "DELETE FROM attempts")
    await (await world.api()).post("/auth/code", json={"contact": "kavya@cast.test"})
    await world.settle()


OF_THE_CHAIN = {"hash"}  # of entries and seals, in the export of an audit: it is verified by them
DESCRIBING = ("/api", "/api/openapi.json")  # names what requests take; what answers hold is looked at below


def unmarked(answer: Answer) -> bool:
    """Absent in production, where tests/test_settings.py looks: what was sent, and the codes of this moment."""
    return not answer.door.path.startswith("/dev/")


def test_the_walk_came_everywhere(walked: Walked) -> None:
    """Or the rest of this file says little."""
    asked = {answer.door for answer in walked.answers}
    reached = {answer.door for answer in walked.answers if answer.did_something}
    assert walked.world.app and asked == set(doors(walked.world))
    assert [str(answer) for answer in walked.answers if answer.response.status_code >= 500] == []
    assert len(reached) > 150
    for words in set(PRIVATE) - {"can-you-hear-me"}:  # which is heard in the call alone
        assert any(words in answer.response.text for answer in walked.answers if answer.who in ("rao", "ananya")), words


def test_attack_22_strangers_read_and_change_nothing_of_hers(walked: Walked) -> None:
    """Whoever knows an id reads or ends the visit of somebody else."""
    strangers = {name or "nobody" for name in STRANGERS}
    for answer in walked.answers:
        if answer.who in strangers and unmarked(answer):
            told = [words for words in PRIVATE if words in answer.response.text]
            assert not told, f"{answer} tells {told}"
            if VISITS.search(answer.door.path) and answer.door.needs != "public":
                assert answer.response.status_code in (303, 401, 404), answer
    assert walked.changed_by_strangers == []


def test_attack_26_nothing_in_an_answer_is_named_like_a_secret(walked: Walked) -> None:
    """Lists of doctors with passwordHash in them. Any member of any JSON answer, and of any described."""
    for answer in walked.answers:
        if "json" in answer.response.headers.get("content-type", "") and answer.door.path not in DESCRIBING:
            named = {name for body in bodies(answer.response) for name in members(body)}
            found = {name for name in named if NAMED_LIKE_A_SECRET.search(name)}
            assert not found - (OF_THE_CHAIN if "audit" in answer.door.path else set()), f"{answer}: {found}"
    described = next(one for one in walked.answers if one.door.path == "/api/openapi.json").response.json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                for named in _described(described, response, set()):
                    assert not NAMED_LIKE_A_SECRET.search(named), f"{method} {path} {status}: {named}"


def bodies(response: httpx.Response) -> list[Any]:
    """One, or one a line."""
    return [json.loads(line) for line in ([response.text] if "\n" not in response.text else response.text.splitlines())]


def _described(document: dict[str, Any], part: Any, seen: set[str]) -> Iterator[str]:
    if isinstance(part, list):
        for inner in part:
            yield from _described(document, inner, seen)
    elif isinstance(part, dict):
        name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
        if name and name not in seen:
            yield from _described(document, document["components"]["schemas"][name], seen | {name})
        yield from part.get("properties", {})
        for inner in part.values():
            yield from _described(document, inner, seen)


def test_attack_26_no_secret_of_the_house_is_in_any_answer(walked: Walked) -> None:
    """Body or header, in whatever form: digests of passwords, tokens and codes, sealed text, keys, what was typed."""
    everything = {
        answer.response.content + repr(answer.response.headers.raw).encode(): answer
        for answer in walked.answers
        if unmarked(answer)
    }
    whole = b"\0".join({answer.response.content for answer in everything.values()})
    whole += b"\0".join({repr(answer.response.headers.raw).encode() for answer in everything.values()})
    for secret in walked.secrets:
        for look in looks(secret):
            if look in whole:
                told = [str(answer) for text, answer in everything.items() if look in text]
                raise AssertionError(f"{look[:24]!r} is in {told[:5]}")


def test_attack_27_no_secret_and_no_person_is_in_any_line_of_the_log(walked: Walked) -> None:
    """One line for each request, faults with their trace, jobs that failed: names of routes, and nothing of people."""
    assert walked.log.count('"event": "request"') > len(walked.answers) * 0.9
    assert '"event": "server_error"' in walked.log and '"event": "job_failed"' in walked.log
    log = walked.log.encode()
    for secret in walked.secrets:
        for look in looks(secret):
            assert look not in log, look[:24]
    for words in (*PRIVATE, "@cast.test", "Ananya", "Deshpande"):
        assert words not in walked.log, words


async def test_attack_27_what_is_stored_is_sealed(walked: Walked) -> None:
    """A helper for encryption that nobody calls. Every column of every table, also in jobs, messages and the audit."""
    hidden = [*PRIVATE, PASSWORD, TYPED, "Her chart has to be compared", "invited@cast.test"]
    for place in (None, *CLINICS):
        for table in {table for table, *_ in await columns(walked.world, place)}:
            rows = [row[0] for row in await walked.world.sql(place, f'SELECT t::text FROM "{table}" t')]
            text = "\n".join(rows)
            for words in hidden:
                assert words not in text and words.encode().hex() not in text, f"{table} of {place} holds {words!r}"


async def test_attack_28_everything_done_and_everything_read_is_in_the_audit(walked: Walked) -> None:
    """Tables for an audit that stay empty. Whatever changed something, or showed what is private, left its trace."""
    traced = set()
    for place in (None, *CLINICS):
        traced |= {row[0] for row in await walked.world.sql(place, "SELECT request_id FROM audit_entries")}
    did = {answer for answer in walked.answers if answer.door.method != "GET" and answer.did_something}
    left = {answer for answer in walked.answers if answer.response.headers["x-request-id"] in traced}
    silent = {answer.door for answer in did} - {answer.door for answer in did & left}  # to repeat changes nothing
    names = {f"{door.method} {door.path}" for door in silent if door.needs != PUBLIC}
    assert sorted(names - NO_TRACE) == []
    shown = {answer for answer in walked.answers if any(words in answer.response.text for words in PRIVATE)}
    assert [str(answer) for answer in shown - left if unmarked(answer)] == []
    assert len(shown) > 10


# What keeps nothing: challenges and codes to show who one is with, a secret still to be confirmed, a pass into a
# call, whose log says who came, and pages that show first what a change would do, to nobody here.
NO_TRACE = {
    "POST /api/v1/auth/step-up/code",
    "POST /api/v1/auth/step-up/passkey/options",
    "POST /api/v1/clinics/{clinic}/appointments/{appointment_id}/video-token",
    "POST /api/v1/me/passkeys/options",
    "POST /api/v1/me/totp",
    "POST /c/{clinic}/branches",
    "POST /c/{clinic}/holidays",
    "POST /c/{clinic}/visits/{visit_id}/video-token",
    "POST /security/passkeys/begin",
    "POST /step-up/code",
    "POST /step-up/passkey/begin",
}
