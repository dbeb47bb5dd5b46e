"""The habits of the house that a reader cannot be trusted to remember. Each says what to do when it fails."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "svastha"
DOMAIN = SOURCE / "domain"
ROOMS = sorted(path.name for path in DOMAIN.iterdir() if (path / "__init__.py").exists())
KIT_TABLES = {"processes", "jobs", "idempotency_keys", "schema_migrations"}
DEMO = SOURCE / "doors" / "cli" / "demo"  # invents a past that no verb could make

WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+([a-z_]+)\b(?!\s*(?:=|,))")
LONGEST_FILE = 330


def modules(folder: Path = SOURCE) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]


def texts(path: Path) -> list[str]:
    """Every string in the file, so that prose in comments does not count as SQL."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


def owned(room: str) -> set[str]:
    doc = importlib.import_module(f"svastha.domain.{room}").__doc__ or ""
    match = re.search(r"^Owns: (.*?)\.?(?:\n[A-Z]|\Z)", doc, re.S | re.M)
    assert match, f"domain/{room}/__init__.py: say what the room owns, in a line 'Owns: table, table.'"
    return set(re.findall(r"[a-z_]+", re.sub(r"\(.*?\)", "", match.group(1)))) - {"nothing"}


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is_owns_and_announces(room: str) -> None:
    doc = importlib.import_module(f"svastha.domain.{room}").__doc__ or ""
    assert re.search(r"^Announces: ", doc, re.M), f"domain/{room}/__init__.py: add a line 'Announces: Event, Event.'"
    owned(room)


def test_every_table_has_one_owner() -> None:
    tables = set(KIT_TABLES)
    for path in (ROOT / "migrations").rglob("*.sql"):
        tables |= set(re.findall(r"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([a-z_]+)", path.read_text(), re.M))
    owners: dict[str, list[str]] = {}
    for room in ROOMS:
        for table in owned(room):
            owners.setdefault(table, []).append(room)
    assert not {t: r for t, r in owners.items() if len(r) > 1}, "a table has one owner"
    assert set(owners) | KIT_TABLES == tables, "name every table in the 'Owns:' line of the room that writes it"


def test_a_table_is_written_only_by_its_owner() -> None:
    owner = {table: room for room in ROOMS for table in owned(room)}
    wrong = []
    for path in modules():
        if path.is_relative_to(DEMO) or path == SOURCE / "kit" / "schema.py":
            continue
        for text in texts(path):
            for table in WRITES.findall(text):
                if table in ("set",) or (table not in owner and table not in KIT_TABLES):
                    continue
                home = SOURCE / "kit" if table in KIT_TABLES else DOMAIN / owner[table]
                if not path.is_relative_to(home):
                    wrong.append(f"{path.relative_to(ROOT)} writes {table}; call a verb of {home.name} instead")
    assert not wrong, "\n".join(wrong)


def test_rooms_are_entered_by_the_front_door() -> None:
    wrong = []
    for path in modules():
        inside = path.relative_to(DOMAIN).parts[0] if path.is_relative_to(DOMAIN) else None
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.module if isinstance(node, ast.ImportFrom) and node.module and node.level == 0 else ""
            match = re.match(r"svastha\.domain\.(\w+)\.\w", name)
            if match and match.group(1) != inside:
                wrong.append(f"{path.relative_to(ROOT)}: import from svastha.domain.{match.group(1)}, not {name}")
    assert not wrong, "\n".join(wrong)


def test_nobody_commits_outside_the_kit_and_the_doors_frame() -> None:
    allowed = {SOURCE / "kit" / name for name in ("db.py", "migrate.py", "runtime_role.py")}
    wrong = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path not in allowed
        and (
            any(re.match(r"\s*(COMMIT|BEGIN|ROLLBACK)\b", text) for text in texts(path))
            or ".transaction()" in path.read_text()
        )
    ]
    assert not wrong, f"open a visit instead of a transaction: {wrong}"


def test_files_are_named_after_what_they_do_and_stay_short() -> None:
    kinds = {"utils", "util", "helpers", "helper", "service", "services", "common", "misc", "manager", "base"}
    assert not [p for p in modules() if p.stem in kinds], "name a file after its verb or its thing"
    long = [f"{p.relative_to(ROOT)} {n}" for p in modules() if (n := len(p.read_text().splitlines())) > LONGEST_FILE]
    assert not long, f"longer than {LONGEST_FILE} lines, tell it in two: {long}"


def test_every_handler_has_a_name_of_its_own() -> None:
    from svastha.kit.outbox import name_of
    from svastha.settings import Settings
    from svastha.wiring import subscriptions

    handlers: dict[str, object] = {}
    for every in subscriptions(Settings(mode="test")).values():
        for handler in every:
            inner = getattr(handler, "func", handler)
            assert handlers.setdefault(name_of(handler), inner) is inner, f"two handlers are called {name_of(handler)}"
