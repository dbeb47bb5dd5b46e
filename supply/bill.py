"""The bill of materials: ``dist/svastha.cdx.json``, CycloneDX 1.6, of what is shipped and nothing else."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from supply.report import TOOLS, Report, ToolTrouble, call

WHERE = "dist/svastha.cdx.json"


@cache
def installed(root: Path) -> dict[str, Any]:
    """All that is installed beside this Python, tools included, as CycloneDX."""
    listed = call(
        "cyclonedx-py",
        *("environment", "--no-validate", "--output-reproducible", "--of", "JSON", "--spec-version", "1.6"),
        *("--pyproject", "pyproject.toml", "--mc-type", "application", TOOLS.parent),
        root=root,
    )
    if listed.returncode:
        raise ToolTrouble(f"cyclonedx-py: {listed.stderr.strip()}")
    found: dict[str, Any] = json.loads(listed.stdout)
    return found


@cache
def shipped(root: Path) -> frozenset[str]:
    """Names of the packages that the lock asks for when Svastha is installed without its tools."""
    exported = call("uv", "export", "--locked", "--no-default-groups", "--no-emit-project", "--quiet", root=root)
    if exported.returncode:
        raise ToolTrouble(f"uv cannot read the lock: {exported.stderr.strip()}")
    return frozenset(plain(line.split("==")[0]) for line in exported.stdout.splitlines() if re.match(r"\w", line))


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def check(root: Path) -> Report:
    bill = of(installed(root), shipped(root))
    text = json.dumps(bill, indent=1, ensure_ascii=False)
    (root / "dist").mkdir(exist_ok=True)
    (root / WHERE).write_text(text)
    return Report(f"{len(bill['components'])} components, written to {WHERE}", invalid(text))


def of(everything: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """The part of it with these names, and what of it needs what."""
    components = [one for one in everything["components"] if plain(one["name"]) in names]
    refs = {one["bom-ref"] for one in components}
    whole = refs | {everything["metadata"]["component"]["bom-ref"]}
    dependencies = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in refs]}
        for one in everything["dependencies"]
        if one["ref"] in whole
    ]
    return everything | {"components": components, "dependencies": dependencies}


def invalid(text: str) -> list[str]:
    """What the schema of CycloneDX says against it."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    trouble = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return [f"{WHERE} is not valid CycloneDX 1.6: {str(trouble)[:300]}"] if trouble else []
