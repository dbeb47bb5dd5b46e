"""Each check of ``make check-supply`` finds what it is there to find, and is silent about what is well."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from supply import __main__ as supply
from supply import advisories, bill, code, leaks, licences, plans
from supply.report import Report

# In pieces, so that the check does not find them here.
AWS = "AKIA" + "Q7XWZ3MPLK2VN8TD"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def written(root: Path, path: str, text: str) -> str:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    return path


def test_a_secret_is_found_where_it_stands(tree: Path) -> None:
    files = [
        written(tree, "src/a.py", f'REGION = "ap-south-1"\nACCESS = "{AWS}"\n'),
        written(tree, "deploy/key.txt", f"{KEY}\n"),
        written(tree, "src/fine.py", "ANSWER = 42\n"),
        written(tree, "tests/test_a.py", 'password = "correct horse"\n'),
    ]
    scanned = leaks.scan(tree, files)
    found = leaks.judge(scanned, {})
    assert [finding.split(" ")[0] for finding in found] == ["deploy/key.txt:1", "src/a.py:2"]
    assert not leaks.judge(scanned, scanned[0]), "what is known to be none is let pass"


def test_unsafe_code_is_found(tree: Path) -> None:
    written(tree, "a.py", "def f(text: str) -> object:\n    return eval(text)\n")
    (found,) = code.scan(tree, "a.py").findings
    assert "a.py:2" in found and "eval" in found
    written(tree, "a.py", "def f(text: str) -> str:\n    return text\n")
    assert not code.scan(tree, "a.py").findings


RULES: dict[str, Any] = {"shipped": ["MIT", "Apache-2.0"], "tools-only": ["GPL-3.0-only"], "said-by-hand": {}}


def component(name: str, *licences: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "bom-ref": name, "licenses": list(licences)}


def test_a_licence_must_be_told_and_allowed() -> None:
    gpl = {"license": {"id": "GPL-3.0-only"}}
    ships = frozenset({"inside", "silent"})
    assert "inside" in licences.judge([component("inside", gpl)], ships, RULES)[0]
    assert not licences.judge([component("a-tool", gpl)], ships, RULES)
    assert "does not say" in licences.judge([component("silent")], ships, RULES)[0]
    assert not licences.judge([component("silent")], ships, RULES | {"said-by-hand": {"silent": "MIT"}})


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", True),
        ("(MIT AND GPL-3.0-only) OR LGPL-2.1-only", False),
        ("Proprietary", False),
    ],
)
def test_a_choice_of_licences_is_ours_and_a_sum_is_not(expression: str, allowed: bool) -> None:
    assert licences.permits(expression, {"MIT", "Apache-2.0"}) is allowed


def test_the_bill_holds_what_is_shipped_and_is_held_to_the_schema() -> None:
    everything = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "name": "svastha", "bom-ref": "root"}},
        "components": [{"type": "library", "name": name, "bom-ref": name} for name in ("Lib_A", "tool")],
        "dependencies": [{"ref": "root", "dependsOn": ["Lib_A"]}, {"ref": "tool"}, {"ref": "Lib_A"}],
    }
    found = bill.of(everything, frozenset({"lib-a"}))
    assert [one["name"] for one in found["components"]] == ["Lib_A"]
    assert [one["ref"] for one in found["dependencies"]] == ["root", "Lib_A"]
    assert not bill.invalid(json.dumps(found))
    assert bill.invalid(json.dumps(found | {"components": [{"name": "of no type"}]}))


def told(name: str, *holes: str) -> dict[str, Any]:
    return {"name": name, "version": "1", "vulns": [{"id": id, "fix_versions": ["2"]} for id in holes]}


def test_a_known_hole_is_found_and_silence_is_not_taken_for_safety() -> None:
    assert not advisories.judge([told("a"), told("b")]).findings
    (found,) = advisories.judge([told("a"), told("b", "PYSEC-1")]).findings
    assert "PYSEC-1" in found and "--upgrade-package b" in found
    unknown = {"name": "c", "skip_reason": "not found"}
    assert "c is not known" in advisories.judge([told("a"), unknown]).findings[0]
    assert advisories.judge([unknown]).not_done


def test_what_was_not_checked_is_said_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supply, "CHECKS", {"advisories": lambda root: Report("nothing", not_done="no network")})
    for arguments, status in (([], 0), (["--advisories-required"], 1)):
        monkeypatch.setattr(sys, "argv", ["supply", *arguments])
        assert supply.main() == status
        printed = capsys.readouterr()
        assert "!! NOT CHECKED !! advisories: no network" in printed.err
        assert not printed.out.startswith("ok")


BAD = {
    "deploy/Containerfile": ("FROM python:latest\nRUN cd /tmp && pip install x\n", "DL3007"),
    "deploy/compose.yaml": ("services: {web: {image: 'nginx:1.29', privileged: true}}\n", "CL-0002"),
    "deploy/odd-compose.yaml": ("services: {web: {imagine: nginx}}\n", "imagine"),
    ".github/workflows/bad.yml": (
        """
name: bad
on: issue_comment
permissions: write-all
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.event.comment.body }}"
""",
        "template-injection",
    ),
    ".github/workflows/odd.yml": ("name: bad\non: push\njobs: {test: {steps: []}}\n", "odd.yml, at jobs/test"),
    "deploy/twice.yaml": ("a: 1\na: 2\n", "duplication"),
    "deploy/start": ("#!/bin/sh\nrm -rf $1/*\n", "SC2086"),
}


def test_bad_plans_are_found(tree: Path) -> None:
    for path, (text, _) in BAD.items():
        written(tree, path, text)
    found = "\n".join(plans.check(tree).findings)
    assert not [says for _, says in BAD.values() if says not in found], found
