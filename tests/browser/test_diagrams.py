"""The pictures of the documents are drawn from their sources."""

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


async def test_each_source_is_drawn(browser: object, tmp_path: Path) -> None:
    command = (sys.executable, str(ROOT / "bin/diagrams"), "--to", str(tmp_path))
    drawing = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, error = await drawing.communicate()
    assert not drawing.returncode, error.decode()
    sources = {source.stem for source in (ROOT / "docs/diagrams").glob("*.mmd")}
    assert {drawn.stem for drawn in tmp_path.glob("*.svg")} == sources
    assert all("Syntax error" not in drawn.read_text() for drawn in tmp_path.iterdir())
