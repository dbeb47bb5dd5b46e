"""The plans of deploy/ as far as they can be tried without a container engine."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from svastha.settings import Settings, env_name, load

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text()
PLAN: dict[str, Any] = yaml.safe_load(TEXT)
OURS = ("migrate", "server", "worker")
GIVEN = {"SITE": "clinic.example.in", "SMTP_HOST": "mail.example.in", "SMTP_USER": "us", "MAIL_FROM": "us@example.in"}


def test_every_setting_named_exists() -> None:
    known = {env_name(field.name) for field in msgspec.structs.fields(Settings)}
    named = set(re.findall(r"\bSVASTHA_[A-Z_]+", TEXT + (DEPLOY / "Containerfile").read_text()))
    assert not {name for name in named if name.removesuffix("_FILE") not in known}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """As ``make-secrets`` makes them beside itself."""
    made = shutil.copy(DEPLOY / "make-secrets", tmp_path / "make-secrets")
    subprocess.run([made], check=True, capture_output=True)
    return tmp_path / "secrets"


def test_production_starts_with_what_the_plan_gives_it(secrets: Path) -> None:
    for service in OURS:
        environ = {
            name: re.sub(r"\$\{(\w+)(:[^}]*)?\}", lambda found: GIVEN[found[1]], str(value))
            for name, value in PLAN["services"][service]["environment"].items()
        }
        for name, value in environ.items():
            if name.endswith("_FILE"):
                secret = value.removeprefix("/run/secrets/")
                assert secret in PLAN["services"][service]["secrets"], f"{service} is not given {secret}"
                environ[name] = str(secrets.parent / PLAN["secrets"][secret]["file"])
        found = load(environ)
        assert found.production and found.redis_url.startswith("unix://") and found.metrics_token


def test_secrets_are_made_once_and_for_their_owner_alone(secrets: Path) -> None:
    assert {one["file"] for one in PLAN["secrets"].values()} <= {f"secrets/{path.name}" for path in secrets.iterdir()}
    assert secrets.stat().st_mode & 0o777 == 0o700
    before = {path: path.read_text() for path in secrets.iterdir()}
    subprocess.run([secrets.parent / "make-secrets"], check=True, capture_output=True)
    assert before == {path: path.read_text() for path in secrets.iterdir()}
    assert len(set(before.values())) == len(before), "no secret serves twice"


@pytest.mark.parametrize("service", PLAN["services"])
def test_every_service_is_bounded_watched_and_closed(service: str) -> None:
    found = PLAN["services"][service]
    assert {"cpus", "memory"} <= set(found["deploy"]["resources"]["limits"])
    assert found["restart"] == ("no" if service == "migrate" else "unless-stopped")
    assert "healthcheck" in found or service == "server"  # its own is in the image
    assert found["read_only"] and found["cap_drop"] == ["ALL"] and found["pids_limit"] and found["logging"]


def test_nothing_but_what_is_copied_can_come_into_the_image() -> None:
    lines = (ROOT / ".containerignore").read_text().splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Containerfile").read_text(), flags=re.M)
    assert {name for line in copied for name in line.split()} == let_in
    assert all((ROOT / name).exists() for name in let_in)


@pytest.mark.skipif(not shutil.which("caddy"), reason="needs caddy (apt-get install caddy)")
def test_the_proxy_understands_its_file() -> None:
    subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"],
        env={"SITE": "clinic.example.in", "ACME_MAIL": "us@example.in", "HOME": "/tmp", "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )
