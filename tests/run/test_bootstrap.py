"""`bin/uv` finds a uv that works, or says in a sentence what is missing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOLS = ("sh", "dirname", "rm", "env")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A project in a machine whose programs are only those in `bin`."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    (tmp_path / "project/bin").mkdir(parents=True)
    for name in ("uv", "fetch_pip.py"):
        shutil.copy(ROOT / "bin" / name, tmp_path / "project/bin" / name)
    return tmp_path


def put(folder: Path, name: str, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    assert not (folder / name).is_symlink()  # it would be the machine's own program that is overwritten
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def call(machine: Path, *arguments: str, path: str = "bin") -> subprocess.CompletedProcess[str]:
    folders = ":".join(str(machine / part) for part in path.split(":"))
    environ = {"PATH": folders, "HOME": str(machine), "UV_PYTHON": "3.13", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    return subprocess.run(
        [machine / "project/bin/uv", *arguments], env=environ, capture_output=True, text=True, check=False
    )


def test_a_shim_that_cannot_run_is_passed_over(machine: Path) -> None:
    put(machine / "shims", "uv", "echo 'pyenv: uv: command not found' >&2; exit 127")
    put(machine / "old", "uv", "echo uv 0.4.30")
    put(machine / "bin", "uv", 'if [ "$1" = --version ]; then echo uv 0.13.8; else echo "works: $*"; fi')
    assert call(machine, "sync", "--locked", path="shims:old:bin").stdout == "works: sync --locked\n"


def test_a_uv_in_the_home_folder_counts_without_being_on_the_path(machine: Path) -> None:
    put(machine / ".local/bin", "uv", 'if [ "$1" = --version ]; then echo uv 1.0.0; else echo "works: $*"; fi')
    assert call(machine, "sync").stdout == "works: sync\n"


@pytest.mark.parametrize("has", ["no python3", "Python 3.9.2"])
def test_a_machine_without_a_python_new_enough(machine: Path, has: str) -> None:
    if has != "no python3":
        put(machine / "bin", "python3", f'if [ "$1" = --version ]; then echo {has}; else exit 1; fi')
    ended = call(machine, "sync")
    assert ended.returncode == 1
    assert f"needs Python 3.11 or newer as python3, or uv; this machine has {has}." in ended.stderr


def test_no_network(machine: Path) -> None:
    put(machine / "bin", "python3", f'case "$*" in "-m "*) exit 1;; esac; exec {sys.executable} "$@"')
    ended = call(machine, "sync")
    assert ended.returncode == 1
    assert "uv could not be fetched" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (machine / "project/.uv").exists()
