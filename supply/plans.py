"""The files that say how Svastha is built and run elsewhere: container, compose, workflows, shell, YAML."""

from collections.abc import Callable, Iterable
from pathlib import Path

from supply.report import Report, ToolTrouble, call, tracked

YAML_RULES = "{extends: relaxed, rules: {line-length: disable, key-duplicates: enable, octal-values: enable}}"


def check(root: Path) -> Report:
    """Also a folder that is new and unknown to git counts."""
    looks = {
        "containers": (containers, tracked(root, "*Containerfile*")),
        "compose": (compose, tracked(root, "*compose*.yaml")),
        "workflows": (workflows, tracked(root, ".github/workflows/*.yml", ".github/workflows/*.yaml")),
        "YAML": (yaml, tracked(root, "*.yml", "*.yaml")),
        "shell": (shell, shells(root, tracked(root, ".ci/*", "bin/*", "deploy/*"))),
    }
    findings = [finding for look, files in looks.values() for finding in _all(look, root, files)]
    return Report(", ".join(f"{len(files)} {name}" for name, (_, files) in looks.items()), findings)


def _all(look: Callable[[Path, list[str]], list[str]], root: Path, files: list[str]) -> list[str]:
    return look(root, files) if files else []


def shells(root: Path, files: Iterable[str]) -> list[str]:
    """Those whose first line names a shell."""
    return [path for path in files if (root / path).read_bytes().split(b"\n", 1)[0].endswith((b"/sh", b" sh", b"bash"))]


def containers(root: Path, files: list[str]) -> list[str]:
    return _lines("hadolint", "--no-color", *files, root=root)


def compose(root: Path, files: list[str]) -> list[str]:
    wrong = _against("vendor.compose-spec", files, root)
    meant = root / "deploy" / ".compose-lint.yml"
    rules = ("--config", meant) if meant.exists() else ()
    return wrong + _lines("compose-lint", "check", "--quiet", "--fail-on", "low", *rules, *files, root=root)


def workflows(root: Path, files: list[str]) -> list[str]:
    wrong = _against("vendor.github-workflows", files, root)
    return wrong + _lines("zizmor", "--offline", "--no-progress", "--color=never", "--format=plain", *files, root=root)


def yaml(root: Path, files: list[str]) -> list[str]:
    return _lines("yamllint", "--strict", "--format", "parsable", "--config-data", YAML_RULES, *files, root=root)


def shell(root: Path, files: list[str]) -> list[str]:
    return _lines("shellcheck", "--format", "gcc", *files, root=root)


def _against(name: str, files: list[str], root: Path) -> list[str]:
    """In this process, and only then: the library takes seconds to load, and none to look."""
    from check_jsonschema.builtin_schemas import get_builtin_schema  # type: ignore[import-untyped]
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped]
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    schema = get_builtin_schema(name)
    validator, wrong = validator_for(schema)(schema), []
    for path in files:
        try:
            trouble = best_match(validator.iter_errors(YAML(typ="safe", pure=True).load(root / path)))
        except YAMLError as broken:
            wrong.append(f"{path} is no YAML: {broken}")
            continue
        if trouble:
            place = "/".join(map(str, trouble.absolute_path)) or "its top"
            wrong.append(f"{path}, at {place}: {trouble.message[:300]}")
    return wrong


def _lines(tool: str, *arguments: str | Path, root: Path) -> list[str]:
    """What a linter printed, as one finding, when it was not content."""
    done = call(tool, *arguments, root=root)
    if not done.returncode:
        return []
    told = (done.stdout + done.stderr).strip()
    if not told:
        raise ToolTrouble(f"{tool} ended with {done.returncode} and said nothing")
    return [f"{tool}:\n{told}"]
