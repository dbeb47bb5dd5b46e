"""Dashboard and alerts speak of measures that exist, and every alert rings when it should and not before."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

import svastha.main
import svastha.wiring  # noqa: F401 - with these two, everything that measures is loaded
from svastha.doors.jobs import worker  # noqa: F401

ROOT = Path(__file__).parent.parent.parent
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = [rule for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
PANELS = json.loads((ROOT / "deploy/grafana/svastha.json").read_text())["panels"]
SHOWN = [target["expr"] for panel in PANELS for target in panel.get("targets", ())]
OF_OTHERS = {  # Prometheus, its exporters of a machine and of a probe
    "up",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "probe_ssl_earliest_cert_expiry",
    "probe_success",
}
ADDED = {"job", "instance", "le"}  # labels that Prometheus adds
WORDS = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
SYNTAX = set(
    "sum min max rate increase histogram_quantile topk time absent by and or predict_linear vector count".split()  # noqa: SIM905
)


def measured() -> dict[str, set[str]]:
    """Every name Prometheus will see, and its labels."""
    found: dict[str, set[str]] = {}
    for name, collector in REGISTRY._names_to_collectors.items():
        found[name] = set(getattr(collector, "_labelnames", ()))
    return found


def names(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)|\"[^\"]*\"|\b[\d.]+[a-z]?\b", " ", expression)
    return set(WORDS.findall(bare)) - SYNTAX


@pytest.mark.parametrize("expression", [*(rule["expr"] for rule in RULES), *SHOWN])
def test_what_is_asked_for_is_measured(expression: str) -> None:
    known = measured()
    assert names(expression), "reads nothing"
    assert names(expression) <= known.keys() | RECORDED | OF_OTHERS
    for name, inside in re.findall(r"(svastha_\w+)\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", inside)) <= known[name] | ADDED


def test_no_measure_says_whose_it_is() -> None:
    every = {label for name, labels in measured().items() if name.startswith("svastha_") for label in labels}
    assert every == {"method", "route", "status", "kind", "outcome", "channel", "state"}


def test_every_alert_says_what_to_do_and_is_in_the_table() -> None:
    page = (ROOT / "docs/monitoring.md").read_text().split("\n## Alerts\n")[1]
    table = re.findall(r"^\| `(\w+)` \|", page, flags=re.M)
    assert table == list(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_alert_is_tried_both_ways() -> None:
    tried = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
    assert [one["name"] for one in tried] == list(ALERTS)
    for one in tried:
        silent, ringing = one["promql_expr_test"]
        assert f'"{one["name"]}"' in silent["expr"] and not silent["exp_samples"] and ringing["exp_samples"]


@pytest.mark.skipif(
    not (shutil.which("promtool") or os.environ.get("SVASTHA_REQUIRE_PROMTOOL")),
    reason="needs promtool (apt-get install prometheus)",
)
def test_prometheus_agrees(tmp_path: Path) -> None:
    def promtool(*arguments: Any) -> None:
        done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert not done.returncode, done.stdout + done.stderr

    for path in PROMETHEUS.iterdir():
        token = str(tmp_path / "token")
        (tmp_path / path.name).write_text(path.read_text().replace("/run/secrets/metrics_token", token))
    (tmp_path / "token").touch()
    promtool("check", "config", "prometheus.yml")
    promtool("test", "rules", "alerts_test.yml")
