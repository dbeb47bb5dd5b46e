"""Everything an operator can set: one frozen object, read once, validated before anything starts.

Each field is read from the environment as ``SVASTHA_<FIELD>``, or, for secrets mounted as files, from the file that
``SVASTHA_<FIELD>_FILE`` names. ``docs/settings.md`` is the same table for people; a test compares the two.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from svastha.kit.crypto import key_from

SHORTEST_SECRET = 32
NOT_SECRET = ("development", "changeme", "secret", "password", "default", "example", "svastha")


class SettingsTrouble(Exception):
    """One line a person can act on for each setting that is wrong."""


def _says(text: str, *, secret: bool = False) -> Meta:
    return Meta(description=text, extra={"secret": secret})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    mode: Annotated[
        Literal["development", "production", "test"],
        _says("`production` refuses weak secrets and hides everything under `/dev`."),
    ] = "production"
    host: Annotated[str, _says("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535), _says("Port to listen on; plain `PORT` works too.")] = 8000
    base_url: Annotated[str, _says("Where people reach the site, without a path. Links in messages start with it.")] = (
        ""
    )
    state_dir: Annotated[Path, _says("Where `svastha run` keeps its PostgreSQL, mailbox and development secrets.")] = (
        Path(".svastha")
    )
    database_url: Annotated[
        str, _says("A PostgreSQL 15 or newer whose user may create databases. Empty: start one.", secret=True)
    ] = ""
    database_prefix: Annotated[
        str, Meta(pattern="^[a-z][a-z0-9_]{0,30}$"), _says("First part of the name of each database.")
    ] = "svastha"
    connections: Annotated[int, Meta(ge=2), _says("Most PostgreSQL connections one process holds.")] = 24
    connections_per_database: Annotated[int, Meta(ge=1), _says("Most of those to a single database.")] = 8
    secret: Annotated[str, _says("Signs tokens, cursors and codes. At least 32 characters.", secret=True)] = ""
    master_key: Annotated[
        str, _says("Wraps the key of each clinic: 32 bytes, base64url. Losing it loses the records.", secret=True)
    ] = ""
    smtp_host: Annotated[str, _says("Mail server. Empty in development: mail goes to `/dev/mailbox`.")] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535), _says("Its port.")] = 587
    smtp_user: Annotated[str, _says("Its account, if it wants one.")] = ""
    smtp_password: Annotated[str, _says("Its password.", secret=True)] = ""
    smtp_tls: Annotated[Literal["starttls", "tls", "none"], _says("How the mail connection is encrypted.")] = "starttls"
    mail_from: Annotated[str, _says("Sender of all mail.")] = "Svastha <no-reply@svastha.test>"
    turn_urls: Annotated[
        str, _says("TURN and STUN servers for video, separated by spaces, such as `turn:turn.example.in:3478`.")
    ] = ""
    turn_secret: Annotated[
        str, _says("Shared with coturn (`static-auth-secret`); signs short-lived credentials.", secret=True)
    ] = ""
    hold_minutes: Annotated[int, Meta(ge=1, le=60), _says("How long a chosen time is kept while booking.")] = 10
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _says("Least level that is logged.")] = "info"

    @property
    def production(self) -> bool:
        return self.mode == "production"

    @property
    def url(self) -> str:
        """Base address without a trailing slash."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def mailbox_dir(self) -> Path:
        return self.state_dir / "mailbox"


def env_name(field: str) -> str:
    return f"SVASTHA_{field.upper()}"


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check. Raises :class:`SettingsTrouble` naming every setting that is wrong, never its value."""
    given: dict[str, Any] = {}
    wrong: list[str] = []
    for field in msgspec.structs.fields(Settings):
        name = env_name(field.name)
        if f"{name}_FILE" in environ:
            try:
                given[field.name] = Path(environ[f"{name}_FILE"]).read_text().strip()
            except OSError as trouble:
                wrong.append(f"{name}_FILE cannot be read: {trouble.strerror}")
        elif name in environ:
            given[field.name] = environ[name]
        elif field.name == "port" and environ.get("PORT"):
            given["port"] = environ["PORT"]
    for name, value in list(given.items()):
        try:
            kind = next(f.type for f in msgspec.structs.fields(Settings) if f.name == name)
            given[name] = msgspec.convert(value, kind, strict=False, dec_hook=lambda kind, value: kind(value))
        except msgspec.ValidationError as trouble:
            given_as = "PORT" if name == "port" and env_name(name) not in environ else env_name(name)
            wrong.append(f"{given_as}: {str(trouble).split(' - at')[0]}")
            del given[name]
    settings = Settings(**given)
    if settings.production:
        wrong += _unfit_for_production(settings)
    if wrong:
        raise SettingsTrouble("\n".join(wrong))
    return settings


def _unfit_for_production(settings: Settings) -> list[str]:
    wrong = []
    for name in ("secret", "master_key", *(["turn_secret"] if settings.turn_urls else [])):
        value = getattr(settings, name)
        if not value:
            wrong.append(f"{env_name(name)} is missing")
        elif len(value) < SHORTEST_SECRET:
            wrong.append(f"{env_name(name)} is shorter than {SHORTEST_SECRET} characters")
        elif len(set(value)) < 8 or any(word in value.lower() for word in NOT_SECRET):
            wrong.append(f"{env_name(name)} is a default or guessable value")
    try:
        key_from(settings.master_key or "A" * 43)
    except ValueError:
        wrong.append("SVASTHA_MASTER_KEY is not 32 bytes in base64url")
    for name in ("database_url", "smtp_host"):
        if not getattr(settings, name):
            wrong.append(f"{env_name(name)} is missing")
    if urlsplit(settings.base_url).scheme != "https":
        wrong.append("SVASTHA_BASE_URL must start with https://")
    return wrong
