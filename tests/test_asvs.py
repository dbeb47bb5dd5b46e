"""``docs/security/asvs.md`` keeps its form: every requirement of ASVS 5.0.0 once, and what it points to is there."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/security/asvs.md"
INVENTORY = ROOT / "docs/security/cryptography.md"
CRYPTOGRAPHY = r"^\s*(?:from|import) (?:argon2|cryptography|hashlib|hmac|httpx_auth|jwt|pyotp|ssl|webauthn)\b"

# How many requirements each section of each chapter has, in the published order.
SECTIONS = {
    1: (2, 10, 12, 3, 3),
    2: (3, 3, 5, 2),
    3: (1, 3, 5, 8, 8, 1, 5),
    4: (5, 5, 2, 4),
    5: (1, 6, 3, 3),
    6: (3, 12, 8, 6, 8, 4, 2, 4),
    7: (3, 4, 2, 5, 3, 2),
    8: (4, 4, 3, 2),
    9: (3, 4),
    10: (2, 3, 5, 16, 5, 2, 3),
    11: (4, 5, 5, 4, 2, 2, 2),
    12: (5, 2, 5),
    13: (4, 6, 4, 7),
    14: (2, 8, 3),
    15: (5, 5, 7, 4),
    16: (1, 5, 4, 3, 4),
    17: (2, 8, 2),
}
LEVELS = {"1": 70, "2": 183, "3": 92}
OPEN = "?"  # nobody has said yet
STATES = {"met", "partly", "not", "n.a.", OPEN}
MOST_WORDS = 12  # ours, not the standard's


class Row(NamedTuple):
    number: str
    level: str
    what: str
    state: str
    where: str
    test: str


def rows() -> list[Row]:
    lines = [line for line in PAGE.read_text().splitlines() if re.match(r"\| *\d", line)]
    cells = [[cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")] for line in lines]
    odd = [" | ".join(row) for row in cells if len(row) != len(Row._fields)]
    assert not odd, f"not {len(Row._fields)} cells: {odd}"
    return [Row(*row) for row in cells]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def words(cell: str) -> list[str]:
    return re.sub(r"`[^`]*`", "", cell).strip(" ,;:.").split()


def test_every_requirement_is_there_once() -> None:
    expected = [
        f"{chapter}.{section}.{number}"
        for chapter, sections in SECTIONS.items()
        for section, many in enumerate(sections, 1)
        for number in range(1, many + 1)
    ]
    assert [row.number for row in rows()] == expected
    assert Counter(row.level for row in rows()) == LEVELS


def test_states_are_known_and_requirements_short() -> None:
    assert not [row for row in rows() if row.state not in STATES]
    assert not [row for row in rows() if not row.what or len(row.what.split()) > MOST_WORDS]


def test_every_file_is_there() -> None:
    gone = [(row.number, path) for row in rows() for path in named(row.where) if not (ROOT / path).exists()]
    assert not gone, "say where it is now"


def test_every_test_is_there() -> None:
    gone = []
    for row in rows():
        assert not words(row.test), f"{row.number}: only `path::name` in the last column"
        for pointer in named(row.test):
            path, _, name = pointer.partition("::")
            file = ROOT / path
            if not file.is_file() or not re.search(rf"\bdef {re.escape(name)}\(", file.read_text()):
                gone.append((row.number, pointer))
    assert not gone, "say which test shows it now"


def test_what_is_met_is_pointed_at_and_what_is_not_is_explained() -> None:
    assert not [row.number for row in rows() if row.state == "met" and not named(row.where)], "say where"
    silent = [row.number for row in rows() if row.state in {"partly", "not", "n.a."} and len(words(row.where)) < 3]
    assert not silent, "say what is missing, or why it does not apply"


@pytest.mark.parametrize("chapter", SECTIONS)
def test_nothing_is_left_open(chapter: int) -> None:
    left = [row.number for row in rows() if row.state == OPEN and row.number.startswith(f"{chapter}.")]
    assert not left, f"{len(left)} requirements wait for an answer"


def test_all_cryptography_is_in_the_inventory() -> None:
    told = set(re.findall(r"^\| `(src/svastha/[^`]+)` \|", INVENTORY.read_text(), flags=re.M))
    files = (ROOT / "src/svastha").rglob("*.py")
    used = {str(file.relative_to(ROOT)) for file in files if re.search(CRYPTOGRAPHY, file.read_text(), flags=re.M)}
    assert used == told, "say in docs/security/cryptography.md what it is for"
