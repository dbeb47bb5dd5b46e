import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("guided", [False, True])
def test_looking_further_works_and_says_how_to_do_it_again(guided: bool) -> None:
    if guided:
        pytest.importorskip("atheris")
    asked = ["--minutes", "0.02", "--seed", "7", "--only", "ring", *([] if guided else ["--unguided"])]
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", *asked], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"seed 7; parsers are read {'guided' if guided else 'by Hypothesis'}" in done.stdout
    assert "broken: nothing" in done.stdout


def test_what_breaks_is_told() -> None:
    """A parser that cannot read a thing, in the place of one of ours."""
    broken = "import fuzz.targets as t; t.TARGETS['ring'] = int; import fuzz.made_up as m; m.main()"
    done = subprocess.run(
        [sys.executable, "-c", broken, "ring", "1", "1", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "invalid literal for int()" in done.stderr
