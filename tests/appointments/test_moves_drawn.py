"""The picture of the state machine in the documentation is made from the table that the code goes by.

After a change: ``SVASTHA_WRITE_DOCS=1 uv run pytest -n0 tests/appointments/test_moves_drawn.py``.
"""

import os
from pathlib import Path
from typing import get_args

from svastha.domain.appointments import MOVABLE, NEXT, Status

PAGE = Path(__file__).parent.parent.parent / "docs/visits.md"
BEGIN, END = "<!-- states -->\n", "<!-- end of states -->"


def drawn() -> str:
    lines = ["stateDiagram-v2", "    [*] --> held", "    [*] --> requested", "    [*] --> confirmed"]
    lines += [f"    {status} --> {after}" for status, following in NEXT.items() for after in following]
    lines += [f"    {status} --> {status}: rescheduled" for status in MOVABLE]
    lines += [f"    {status} --> [*]" for status, following in NEXT.items() if not following]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def test_the_picture_is_the_table() -> None:
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    expected = before + BEGIN + drawn() + END + after
    if os.environ.get("SVASTHA_WRITE_DOCS"):
        PAGE.write_text(expected)
    assert PAGE.read_text() == expected


def test_every_status_is_in_the_table_and_can_be_reached() -> None:
    assert set(NEXT) == set(get_args(Status))
    assert {after for following in NEXT.values() for after in following} == set(NEXT) - {"held"}
