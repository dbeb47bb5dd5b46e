"""Is there a secret in a tracked file? Known strings that look like one and are none are in ``supply/not_secret.json``.

``python -m supply --not-secret`` takes what is found now into that file: look at each line of the difference first.
"""

import json
from pathlib import Path

from supply.report import Report, ToolTrouble, call, tracked

KNOWN = "supply/not_secret.json"
# Services we have nothing to do with; each costs time on every line, and what has much entropy is found anyway.
WITHOUT = (
    *("Artifactory", "AzureStorageKey", "Cloudant", "DiscordBotToken", "GitLabToken", "IbmCloudIam", "IbmCosHmac"),
    *("IPPublic", "Mailchimp", "Npm", "OpenAI", "SendGrid", "Slack", "Softlayer", "SquareOAuth", "Stripe"),
    "TelegramBotToken",
)
NO_TEXT_OF_OURS = (KNOWN, "uv.lock", "tests/doors.txt", "src/svastha/locale/hi.po")  # long, and written by programs
ONLY_A_NAME = "Secret Keyword"  # `password = "…"`: in tests there is nothing else

Found = dict[str, dict[str, str]]  # path: digest of the secret: what it looks like


def check(root: Path) -> Report:
    files = [path for path in tracked(root) if path not in NO_TEXT_OF_OURS]
    known: Found = json.loads((root / KNOWN).read_text())
    return Report(f"{len(files)} files", judge(scan(root, files), known))


def scan(root: Path, files: list[str]) -> tuple[Found, dict[str, int]]:
    """What looks like a secret, and where it stands: the line by its digest."""
    without = [word for name in WITHOUT for word in ("--disable-plugin", f"{name}Detector")]
    done = call("detect-secrets", "scan", "--no-verify", "--all-files", *without, *files, root=root)
    if done.returncode:
        raise ToolTrouble(f"detect-secrets: {done.stderr.strip()}")
    found: Found = {}
    lines = {}
    for path, secrets in json.loads(done.stdout)["results"].items():
        for one in secrets:
            if one["type"] == ONLY_A_NAME and path.startswith("tests/"):
                continue
            found.setdefault(path, {})[one["hashed_secret"]] = one["type"]
            lines[one["hashed_secret"]] = one["line_number"]
    return found, lines


def judge(scanned: tuple[Found, dict[str, int]], known: Found) -> list[str]:
    found, lines = scanned
    return [
        f"{path}:{lines[digest]} looks like a secret ({kind}). If it is one, remove it and replace it where it is used;"
        " if not: uv run python -m supply --not-secret"
        for path, secrets in sorted(found.items())
        for digest, kind in secrets.items()
        if digest not in known.get(path, {})
    ]


def accept(root: Path) -> None:
    found, _ = scan(root, [path for path in tracked(root) if path not in NO_TEXT_OF_OURS])
    (root / KNOWN).write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
