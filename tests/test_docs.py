"""What the pages say is so: links lead somewhere, tables are those of the code, commands work.

After a change of the settings: ``SVASTHA_WRITE_DOCS=1 uv run pytest tests/test_docs.py``.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import asyncpg
import msgspec
import pytest

from chaos.__main__ import SCENARIOS
from svastha.domain import accounts
from svastha.doors.cli.prepare import demo, migrate
from svastha.kit.ids import uuid7
from svastha.settings import Settings, env_name
from tests.conftest import settings_for
from tests.server import Process, running

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEMO = "http://localhost:8000"

WEEKLY = ".github/workflows/weekly.yml"
# Who runs a command that begins so: a test, which names its verb, options and variables, or what GitHub runs.
RUN_BY = {
    "make bench": WEEKLY,
    "make chaos": WEEKLY,  # two of its scenarios, short, in tests/chaos/test_scenarios.py
    "make check-supply": ".ci/run",
    "make diagrams": "tests/browser/test_diagrams.py",
    "make drill": WEEKLY,
    "make fuzz": WEEKLY,  # for a moment in tests/hostile/test_fuzz.py
    "make help": "tests/test_docs.py",
    "make run": "tests/run/test_run.py",
    "make test": ".ci/run",
    "python -m chaos": WEEKLY,  # all its scenarios
    "python -m fuzz": "tests/hostile/test_fuzz.py",
    "svastha audit": "tests/audit/test_cli.py",
    "svastha backup": "tests/run/test_backup.py",
    "svastha clinic": "tests/run/test_move.py",
    "svastha jobs": "tests/run/test_jobs.py",
    "svastha keys": "tests/keys/test_command.py",
    "svastha migrate": "tests/run/test_move.py",
    "svastha restore": "tests/run/test_backup.py",
    "svastha run": "tests/run/test_run.py",
    "svastha serve": "tests/run/test_processes.py",
    "svastha worker": "tests/notifications/test_processes.py",
}
NOBODY = ["make screenshots"]  # slow; its pictures are looked at by people
COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:svastha|make|python -m|uv run) [a-z]")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(page: Path) -> str:
    """Without fenced blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)


def blocks(page: Path, kind: str = "sh") -> list[str]:
    """What is fenced as of this kind, a pattern."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page.read_text(), flags=re.S | re.M)


def commands(page: Path) -> Iterator[str]:
    """Those in its blocks and in its sentences."""
    for block in blocks(page):
        for line in [] if block == walk() else block.splitlines():
            assert COMMAND.match(line), f"{named(page)}: who runs this? {line}"
    fenced = [line for block in blocks(page, r"\w*") for line in block.splitlines()]
    inline = [" ".join(words.split()) for words in re.findall(r"`([^`]+)`", prose(page))]
    yield from filter(COMMAND.match, fenced + inline)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = prose(page)
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"<(?:img|a)[^>]+(?:src|href)=\"([^\"]+)\"", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{named(page)}: there is no {target}"
        assert not anchor or anchor in anchors(found), f"{named(page)}: {target} has no such heading"


def test_every_attack_that_is_named_is_tried() -> None:
    tried = {
        n
        for test in (ROOT / "tests").rglob("test_*.py")
        for n in re.findall(r"def test_attack_(\d+)", test.read_text())
    }
    named_in = (ROOT / "docs/security/threat-model.md").read_text()
    assert set(re.findall(r"\b[Aa]ttack (\d+)", named_in)) <= tried


def test_every_boundary_has_each_letter_of_stride() -> None:
    page = (ROOT / "docs/security/threat-model.md").read_text()
    boundaries = re.split(r"^## (?=\d)", page, flags=re.M)[1:]
    assert len(boundaries) == len(re.findall(r"^\| \d \|", page, flags=re.M))
    for boundary in boundaries:
        letters = ", ".join(re.findall(r"^\| ([STRIDE, ]+) \|", boundary, flags=re.M)).split(", ")
        assert set(letters) == set("STRIDE"), boundary.splitlines()[0]


def test_every_picture_is_that_of_its_source() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bin/diagrams", "--check"], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr


def test_the_first_page_is_short_and_its_pictures_are_small() -> None:
    assert len(README.read_text().splitlines()) <= 150
    pictures = sorted((ROOT / "docs/screenshots").glob("*"))
    assert not [named(p) for p in pictures if p.name not in README.read_text()], "not shown"
    assert not [named(p) for p in pictures if p.stat().st_size > 120 * 1024], "too large: make screenshots"


def test_the_floors_are_those_of_the_build() -> None:
    contract = next(c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["name"].startswith("Floors"))
    told = dict(re.findall(r"^(\d+) +(\S.+)$", (ROOT / "docs/house.md").read_text(), flags=re.M))
    assert len(told) == len(contract["layers"])
    for number, layer in enumerate(reversed(contract["layers"])):
        for room in layer.split(" | "):
            assert re.search(rf"\b{room}\b", told[str(number)]), f"docs/house.md: {room} is on floor {number}"


def test_every_dependency_is_explained() -> None:
    def rows(heading: str) -> set[str]:
        part = (ROOT / "docs/dependencies.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
        return set(re.findall(r"^\| `([a-z0-9-]+)` \|", part, flags=re.M))

    def required(lines: list[str]) -> set[str]:
        return {re.split(r"[>=<;\[ ]", line)[0] for line in lines}

    assert rows("When it runs") == required(PROJECT["project"]["dependencies"])
    assert rows("When it is developed") == required(PROJECT["dependency-groups"]["dev"])
    assert rows("When what is shipped is checked") == required(PROJECT["dependency-groups"]["supply"])


def values(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " One of " + ", ".join(f"`{value}`" for value in get_args(kind)) + "."
    return ""


def table_of_settings() -> str:
    lines = ["| variable | default | what | secret |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(Settings):
        kind, *notes = get_args(field.type)
        says, secret = next((n.description, n.extra["secret"]) for n in notes if n.description)
        default = f"`{field.default}`" if str(field.default) else ""
        lines.append(f"| `{env_name(field.name)}` | {default} | {says}{values(kind)} | {'yes' if secret else ''} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_settings_is_that_of_the_code() -> None:
    page = ROOT / "docs/settings.md"
    begin, table, end = re.split(r"(?<=-->\n)(.*?)(?=<!-- end -->)", page.read_text(), maxsplit=1, flags=re.S)
    if os.environ.get("SVASTHA_WRITE_DOCS"):
        page.write_text(begin + table_of_settings() + end)
    else:
        assert table == table_of_settings(), "SVASTHA_WRITE_DOCS=1 uv run pytest tests/test_docs.py"


def test_every_variable_anybody_reads_is_in_the_settings_page() -> None:
    told = set(re.findall(r"^\| `(SVASTHA_[A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), flags=re.M))
    read = {env_name(field.name) for field in msgspec.structs.fields(Settings)}
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "Makefile", ROOT / ".ci/run"]:
        read |= set(re.findall(r"environ(?:\.get\(|\[)\"(SVASTHA_[A-Z_]+)", path.read_text()))
        if path.suffix != ".py":
            read |= set(re.findall(r"\b(SVASTHA_REQUIRE_[A-Z]+)=", path.read_text()))
    assert read == told


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_is_run_by_somebody(page: Path) -> None:
    for line in commands(page):
        words = re.sub(r"[\[\]]", "", line).split()
        variables = [words.pop(0).split("=")[0] for _ in line.split() if "=" in words[0]]
        if words[:3] == ["uv", "run", "pytest"]:
            for path in [word for word in words[3:] if word.startswith("tests")]:
                assert (ROOT / path).exists(), line
                assert all(variable in (ROOT / path).read_text() for variable in variables), line
            continue
        begins = next((known for known in [*RUN_BY, *NOBODY] if f"{' '.join(words)} ".startswith(f"{known} ")), None)
        assert begins, f"{named(page)}: who runs this? {line}"
        if begins.startswith("make"):
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), flags=re.M), f"no target for {line}"
        if begins in RUN_BY:
            untried = not_in((ROOT / RUN_BY[begins]).read_text(), begins, words, variables, named(page))
            assert not untried, f"{named(page)}: {RUN_BY[begins]} does not run {line}: {untried}"


def not_in(source: str, begins: str, words: list[str], variables: list[str], page: str) -> list[str]:
    """Which words of a command its runner lacks. Nothing where that takes the commands from the page itself."""
    rest = words[len(begins.split()) :]
    if begins == "python -m chaos":
        return [word for word in rest if word not in SCENARIOS]
    if page in source:
        return []
    verb = [word for word in rest[:1] if re.fullmatch(r"[a-z][a-z-]*", word)]
    wanted = [begins.rsplit(maxsplit=1)[-1], *verb, *[word for word in rest if word.startswith("--")], *variables]
    return [word for word in wanted if not re.search(rf"(?<![\w-]){word}(?![\w-])", source)]


def test_help_names_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [targets] = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), flags=re.M)
    assert re.findall(r"^make (\S+)", said, flags=re.M) == targets.split()


def walk() -> str:
    """The API in a few lines of curl."""
    return next(block for block in blocks(README) if "curl" in block)


@pytest.fixture
def demo_server(dsn: str, tmp_path: Path) -> Iterator[Process]:
    """A server on databases filled as `make run` fills them."""
    prefix = f"docs_{uuid7().hex[-8:]}"
    found = settings_for(dsn, prefix, tmp_path)
    asyncio.run(prepare(found))
    server = Process("serve", found, tmp_path / "server.log")
    with running(server):
        yield server
    asyncio.run(drop(dsn, [f"{prefix}_{name}" for name in ("control", "clinic_asha", "clinic_nadi")]))


async def prepare(found: Settings) -> None:
    await migrate(found)
    await demo(found)


async def drop(dsn: str, databases: list[str]) -> None:
    admin = await asyncpg.connect(dsn)
    for database in databases:
        await admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    await admin.close()


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_walk_through_the_api_works_as_written(demo_server: Process) -> None:
    script = walk()
    assert DEMO in script
    said = subprocess.run(
        ["sh", "-eu", "-c", script.replace(DEMO, f"http://127.0.0.1:{demo_server.port}") + '\necho; echo "$visit"'],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    ).stdout
    assert UUID(said.split()[-1])
    assert '"status":"code_sent"' in said
    assert '"status":"cancelled"' in said


def matrix() -> str:
    """The table of permissions as the page shows it."""
    names = list(accounts.ROLES)
    lines = [
        f"| | {' | '.join(str(accounts.ROLES[name]) for name in names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for permission, (_, says) in accounts.PERMISSIONS.items():
        held = accounts.who_may(permission)
        marks = " | ".join("yes" if name in held else "" for name in names)
        lines.append(f"| `{permission}`: {says} | {marks} |")
    return "\n".join(lines) + "\n"


def test_the_page_of_permissions_is_the_table_of_the_code() -> None:
    page = ROOT / "docs/permissions.md"
    before, mark, _ = page.read_text().partition("<!-- table -->\n")
    if os.environ.get("SVASTHA_WRITE_DOCS"):
        page.write_text(before + mark + matrix())
    assert page.read_text() == before + mark + matrix()
