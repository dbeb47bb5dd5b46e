"""Runs every check, some at the same time, and says what each looked at. Ends with 1 if there is anything to mend."""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from supply import advisories, bill, code, leaks, licences, plans
from supply.report import Report, ToolTrouble

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {  # the longest first
    "secrets": leaks.check,
    "bill of materials": bill.check,
    "advisories": advisories.check,
    "code": code.check,
    "licences": licences.check,
    "plans": plans.check,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m supply", description=__doc__)
    parser.add_argument("--advisories-required", action="store_true", help="fail where no advisories can be had")
    parser.add_argument("--not-secret", action="store_true", help=f"take what is found now into {leaks.KNOWN}")
    asked = parser.parse_args()
    if asked.not_secret:
        leaks.accept(ROOT)
        return 0
    with ThreadPoolExecutor(os.cpu_count()) as hands:
        running = {name: hands.submit(_made, name) for name in CHECKS}
    reports = {name: done.result() for name, done in running.items()}
    for name, report in reports.items():
        print(f"{_verdict(report):8} {name}: {report.looked_at}")
        for finding in report.findings:
            print(f"         - {finding}")
    undone = [f"{name}: {report.not_done}" for name, report in reports.items() if report.not_done]
    for one in undone:
        print(f"\n!! NOT CHECKED !! {one}", file=sys.stderr)
    found = sum(len(report.findings) for report in reports.values())
    if found:
        print(f"\n{found} to mend, listed above.", file=sys.stderr)
    return 1 if found or (undone and asked.advisories_required) else 0


def _made(name: str) -> Report:
    try:
        return CHECKS[name](ROOT)
    except ToolTrouble as trouble:
        return Report("nothing", [str(trouble)])


def _verdict(report: Report) -> str:
    return "MEND" if report.findings else "NOT DONE" if report.not_done else "ok"


if __name__ == "__main__":
    sys.exit(main())
