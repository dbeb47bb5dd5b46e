"""Is there a known hole in anything the lock names? The package registry passes on PyPI's advisories."""

import json
import tempfile
from pathlib import Path

from supply.report import Report, ToolTrouble, call


def check(root: Path) -> Report:
    lock = call("uv", "export", "--locked", "--all-groups", "--no-emit-project", "--quiet", root=root)
    if lock.returncode:
        raise ToolTrouble(f"uv cannot read the lock: {lock.stderr.strip()}")
    with tempfile.TemporaryDirectory() as folder:
        required = Path(folder) / "requirements.txt"
        required.write_text(lock.stdout)
        return audit(root, required)


def audit(root: Path, required: Path) -> Report:
    """``required``: exact versions with hashes."""
    asked = call(
        "pip-audit",
        *("--requirement", required, "--no-deps", "--disable-pip", "--vulnerability-service", "pypi"),
        *("--format", "json", "--progress-spinner", "off", "--timeout", "20"),
        root=root,
    )
    try:
        told = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (asked.stderr.strip().splitlines() or ["no answer"])[-1]
        return Report("nothing", not_done=f"the package registry could not be asked: {last}")
    return judge(told)


def judge(told: list[dict[str, object]]) -> Report:
    """``told``: the dependencies as pip-audit lists them."""
    unknown = [str(one["name"]) for one in told if "skip_reason" in one]
    if len(unknown) == len(told):
        reason = f"the package registry in use knows no advisories for any of {len(told)} packages"
        return Report("nothing", not_done=f"{reason}; ask pypi.org itself before a release")
    findings = [f"{name} is not known to the registry that knows the others: is it the right one?" for name in unknown]
    for one in told:
        for hole in one.get("vulns", []):  # type: ignore[attr-defined]
            fixed = ", ".join(hole["fix_versions"])
            mend = f"uv lock --upgrade-package {one['name']}; fixed in {fixed}" if fixed else "no fixed version yet"
            findings.append(f"{one['name']} {one['version']} has {hole['id']}: {mend}")
    return Report(f"{len(told)} packages of the lock", findings)
