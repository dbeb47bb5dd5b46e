"""What bandit says of our own Python. What ruff's rules S already hold line by line is left to them (pyproject)."""

import json
from pathlib import Path

from supply.report import Report, ToolTrouble, call

FOLDERS = ("src", "supply")


def check(root: Path) -> Report:
    return scan(root, *FOLDERS, "--configfile", "pyproject.toml")


def scan(root: Path, *arguments: str) -> Report:
    done = call("bandit", "--recursive", "--quiet", "--format", "json", *arguments, root=root)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise ToolTrouble(f"bandit: {done.stderr.strip()}") from None
    lines = told["metrics"]["_totals"]["loc"]
    findings = [
        f"{one['filename']}:{one['line_number']} {one['test_id']} {one['issue_text']} Mend it, or say why it is right:"
        f" # nosec {one['test_id']}, and {one['more_info']}"
        for one in told["results"]
    ]
    return Report(f"{lines} lines of Python", findings + [f"bandit cannot read {one}" for one in told["errors"]])
