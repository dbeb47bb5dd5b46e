"""Whatever is sealed must be known to the rotation of keys, or it would be lost with the old one."""

import ast
from pathlib import Path

from svastha.kit.sealed import Sealed
from svastha.wiring import sealed_columns

SOURCE = Path(__file__).parent.parent.parent / "src" / "svastha"


def sealings() -> set[tuple[str, str]]:
    """(table, column) of every call of a vault's ``seal``."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        if path == SOURCE / "kit" / "crypto.py" or path.is_relative_to(SOURCE / "domain" / "keys"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "seal":
                text = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
                if len(node.args) == 4:
                    assert len(text) == 2, f"{path}:{node.lineno}: name table and column where they are sealed"
                    found.add((str(text[0]), str(text[1])))
    return found


def test_every_sealed_column_is_registered() -> None:
    known = {(one.table, one.column) for one in sealed_columns() if isinstance(one, Sealed)}
    missing = sealings() - known
    assert not missing, f"add Sealed(table, column, …) to SEALED of its room: {sorted(missing)}"
    assert known == sealings(), f"registered, but sealed nowhere: {sorted(known - sealings())}"
