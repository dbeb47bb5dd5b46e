"""What a check has to say, and how it calls the tools."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PATIENCE = 300  # seconds for one tool, on a machine that is busy
TOOLS = Path(sys.executable).parent  # of the group `supply`, beside the Python that runs this


class Report(NamedTuple):
    looked_at: str
    findings: Sequence[str] = ()  # each says what it is and how to mend it
    not_done: str = ""  # why the check could not be made; never the same as having found nothing


class ToolTrouble(Exception):
    """A tool is missing, or did not do its work."""


def call(tool: str, *arguments: str | Path, root: Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """With text in and out. What its exit status means is for the caller to say."""
    program = TOOLS / tool
    try:
        return subprocess.run(
            [str(program if program.exists() else tool), *map(str, arguments)],
            cwd=root,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise ToolTrouble(f"{tool} is not here: uv sync --group supply") from None
    except subprocess.TimeoutExpired:
        raise ToolTrouble(f"{tool} did not finish in {PATIENCE} seconds") from None


def tracked(root: Path, *patterns: str) -> list[str]:
    """Files that git knows or would take, by their path from the root."""
    asked = ("ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns)
    listed = call("git", "-c", "safe.directory=*", *asked, root=root)
    if listed.returncode:  # a copy without history: what git would take of it
        with tempfile.TemporaryDirectory() as empty:
            call("git", "init", "--quiet", "--bare", empty, root=root)
            listed = call("git", f"--git-dir={empty}", f"--work-tree={root}", *asked, root=root)
    if listed.returncode:
        raise ToolTrouble(f"git cannot say which files there are: {listed.stderr.strip()}")
    return sorted({path for path in listed.stdout.splitlines() if (root / path).is_file()})
