"""May we use it, and may we ship it? Every package's licence against ``supply/licences.toml``."""

import re
import tomllib
from pathlib import Path
from typing import Any

from supply.bill import installed, plain, shipped
from supply.report import Report

RULES = "supply/licences.toml"
CLASSIFIER = "License :: OSI Approved"


def check(root: Path) -> Report:
    rules = tomllib.loads((root / RULES).read_text())
    components = installed(root)["components"]
    ships = shipped(root)
    here = {plain(one["name"]) for one in components}
    locked = {one["name"] for one in tomllib.loads((root / "uv.lock").read_text())["package"]}
    elsewhere = sorted(locked - here - {"svastha"})
    looked_at = f"{len(components)} packages, {len(ships & here)} of them shipped"
    if elsewhere:
        looked_at += f"; not installed on this kind of machine, so not looked at: {', '.join(elsewhere)}"
    gone = sorted(set(rules["said-by-hand"]) - locked)
    stale = [f"{name} is under [said-by-hand] in {RULES}, and not in the lock: remove it" for name in gone]
    return Report(looked_at, judge(components, ships, rules) + stale)


def judge(components: list[dict[str, Any]], ships: frozenset[str], rules: dict[str, Any]) -> list[str]:
    findings = []
    for one in components:
        name = plain(one["name"])
        told = [rules["said-by-hand"][name]] if name in rules["said-by-hand"] else declared(one)
        allowed = set(rules["shipped"]) | (set() if name in ships else set(rules["tools-only"]))
        if not told:
            findings.append(f"{name} does not say its licence: read it, then name it under [said-by-hand] in {RULES}")
        for licence in told:
            if not permits(licence, allowed):
                use = "what is shipped" if name in ships else "a tool"
                findings.append(f"{name}: “{licence}” is not allowed for {use}: use another package, or see {RULES}")
    return findings


def declared(component: dict[str, Any]) -> list[str]:
    """As SPDX where it is told so; the older names of PyPI only where nothing better is there."""
    told = [
        one.get("expression") or one["license"].get("id") or one["license"].get("name", "")
        for one in component.get("licenses", ())
    ]
    exact = [one for one in told if not one.startswith(CLASSIFIER)]
    return exact or [one for one in told if one != CLASSIFIER]


def permits(expression: str, allowed: set[str]) -> bool:
    """SPDX: any of what OR joins will do, all of what AND joins must."""
    if expression in allowed:
        return True
    for joint, enough in ((" OR ", any), (" AND ", all)):
        parts = _split(expression, joint)
        if len(parts) > 1:
            return enough(permits(part, allowed) for part in parts)
    inner = expression.strip()
    return inner.startswith("(") and inner.endswith(")") and permits(inner[1:-1], allowed)


def _split(expression: str, joint: str) -> list[str]:
    """At each joint that stands outside of parentheses."""
    parts, depth = [""], 0
    for piece in re.split(rf"({joint}|[()])", expression):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == joint and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]
