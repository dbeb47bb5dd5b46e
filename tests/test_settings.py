"""An operator's settings: read once, checked before anything starts, never repeated back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from svastha.settings import SettingsTrouble, load

FIT = {
    "SVASTHA_MODE": "production",
    "SVASTHA_SECRET": "9f2c1b7a5e4d8c3b6a1f0e9d8c7b6a5f4e3d2c1b",
    "SVASTHA_MASTER_KEY": "q7Jm0yVwz3Xk9TnB1sLh5RfD8cGe2AaP4uWiYoZxKjM",
    "SVASTHA_DATABASE_URL": "postgresql://db.internal/postgres?sslmode=verify-full",
    "SVASTHA_SMTP_HOST": "mail.internal",
    "SVASTHA_BASE_URL": "https://clinic.example.in",
}


def test_production_starts_with_fit_settings() -> None:
    assert load(FIT).production


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"SVASTHA_SECRET": ""}, "SVASTHA_SECRET is missing"),
        ({"SVASTHA_SECRET": "tooshort1234"}, "SVASTHA_SECRET is shorter than 32 characters"),
        ({"SVASTHA_SECRET": "changeme-changeme-changeme-changeme"}, "SVASTHA_SECRET is a default or guessable value"),
        ({"SVASTHA_SECRET": "a" * 64}, "SVASTHA_SECRET is a default or guessable value"),
        ({"SVASTHA_MASTER_KEY": ""}, "SVASTHA_MASTER_KEY is missing"),
        ({"SVASTHA_MASTER_KEY": "!" * 20 + "abcdefghijklmnopqrst"}, "SVASTHA_MASTER_KEY"),
        ({"SVASTHA_TURN_URLS": "turn:turn.example.in"}, "SVASTHA_TURN_SECRET is missing"),
        ({"SVASTHA_BASE_URL": "http://clinic.example.in"}, "SVASTHA_BASE_URL must start with https://"),
        ({"SVASTHA_SMTP_HOST": ""}, "SVASTHA_SMTP_HOST is missing"),
        ({"SVASTHA_DATABASE_URL": ""}, "SVASTHA_DATABASE_URL is missing"),
        ({"SVASTHA_SMTP_TLS": "none"}, "SVASTHA_SMTP_TLS"),
        ({"SVASTHA_DATABASE_URL": "postgresql://db.internal/postgres"}, "sslmode=verify-full"),
        ({"SVASTHA_SMS_URL": "http://sms.example.in/flow"}, "SVASTHA_SMS_URL must start with https://"),
        ({"SVASTHA_SECURITY_CONTACT": "security@example.in"}, "SVASTHA_SECURITY_CONTACT must start with mailto:"),
        ({"PORT": "http"}, "PORT: Expected"),
        ({"SVASTHA_MODE": "prod"}, "SVASTHA_MODE"),
        ({"SVASTHA_DATABASE_SERVERS": "pune"}, "SVASTHA_DATABASE_SERVERS: not a list"),
        ({"SVASTHA_DATABASE_SERVERS": "main=postgresql://u:hidden@localhost/p"}, "SVASTHA_DATABASE_SERVERS: a name"),
        ({"SVASTHA_DATABASE_SERVERS": "pune=postgresql://u:hidden@db/p"}, "SVASTHA_DATABASE_SERVERS: a database else"),
        ({"SVASTHA_REPLICA_URL": "postgresql://u:hidden@db/p"}, "SVASTHA_REPLICA_URL: a database elsewhere"),
    ],
)
def test_production_refuses_what_is_unfit_and_names_it(change: dict[str, str], says: str) -> None:
    given = {name: value for name, value in (FIT | change).items() if value}
    with pytest.raises(SettingsTrouble) as refused:
        load(given)
    assert says in str(refused.value)
    assert not any(len(value) > 10 and value in str(refused.value) for value in change.values())


def test_every_trouble_is_named_at_once() -> None:
    with pytest.raises(SettingsTrouble) as refused:
        load({"SVASTHA_MODE": "production"})
    assert len(str(refused.value).splitlines()) >= 5


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(FIT["SVASTHA_SECRET"] + "\n")
    given = {**FIT, "SVASTHA_SECRET_FILE": str(tmp_path / "secret")}
    del given["SVASTHA_SECRET"]
    assert load(given).secret == FIT["SVASTHA_SECRET"]
    with pytest.raises(SettingsTrouble, match="SVASTHA_SECRET_FILE cannot be read"):
        load({**FIT, "SVASTHA_SECRET_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize("command", ["serve", "worker", "run"])
def test_the_program_itself_refuses_to_start(command: str, tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SVASTHA_") and name != "PORT"}
    environ = {**clean, "SVASTHA_MODE": "production", "SVASTHA_STATE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "svastha", command], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode != 0
    assert "SVASTHA_SECRET is missing" in done.stderr and "SVASTHA_MASTER_KEY is missing" in done.stderr
    assert "Traceback" not in done.stderr


async def test_production_has_no_mailbox_and_asks_for_https(dsn: str, prefix: str, tmp_path: Path) -> None:
    import httpx

    from svastha.main import create_app
    from svastha.wiring import build
    from tests.cast import MASTER_KEY, World

    found = load(
        {**FIT, "SVASTHA_DATABASE_URL": dsn, "SVASTHA_DATABASE_PREFIX": prefix, "SVASTHA_MASTER_KEY": MASTER_KEY}
    )
    world = World(build(found), None)
    world.app = create_app(world.house)
    await world.open()
    client: httpx.AsyncClient = await world.web()
    for path in ("/dev/mailbox", "/dev/mailbox.json"):
        assert (await client.get(path)).status_code == 404
    front = await client.get("/")
    assert front.headers["strict-transport-security"].startswith("max-age=")
    assert "mailbox" not in front.text
    await world.close()
