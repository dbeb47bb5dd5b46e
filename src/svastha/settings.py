"""Everything an operator can set: one frozen object, read once, validated before anything starts.

Each field is read from the environment as ``SVASTHA_<FIELD>``, or, for secrets mounted as files, from the file that
``SVASTHA_<FIELD>_FILE`` names. ``docs/settings.md`` is the same table for people; a test compares the two.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, parse_qs, urlsplit

import msgspec
from msgspec import Meta

from svastha.kit.crypto import key_from
from svastha.kit.openid import providers_of

SHORTEST_SECRET = 32
MAIN = "main"  # what the PostgreSQL of ``database_url`` is called
LOCAL = ("localhost", "127.0.0.1", "::1")
ENCRYPTED = ("require", "verify-ca", "verify-full")
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
    processes: Annotated[int, Meta(ge=1, le=64), _says("How many server processes share that port.")] = 1
    base_url: Annotated[str, _says("Where people reach the site, without a path. Links in messages start with it.")] = (
        ""
    )
    state_dir: Annotated[Path, _says("Where `svastha run` keeps its PostgreSQL, mailbox and development secrets.")] = (
        Path(".svastha")
    )
    database_url: Annotated[
        str, _says("A PostgreSQL 15 or newer whose user may create databases. Empty: start one.", secret=True)
    ] = ""
    database_servers: Annotated[
        str,
        _says("Further such servers for clinics, as `name=postgresql://… name=…`; see [scale](scale.md).", secret=True),
    ] = ""
    replica_url: Annotated[
        str,
        _says(
            "A read-only copy of the server of `SVASTHA_DATABASE_URL`, kept by streaming replication: searches of the"
            " directory go there. Empty: they do not.",
            secret=True,
        ),
    ] = ""
    database_prefix: Annotated[
        str, Meta(pattern="^[a-z][a-z0-9_]{0,30}$"), _says("First part of the name of each database.")
    ] = "svastha"
    database_role: Annotated[
        str,
        Meta(pattern="^[a-z][a-z0-9_]{0,60}$"),
        _says("Whom server and worker are in PostgreSQL. `migrate` makes it; it cannot change what the audit holds."),
    ] = "svastha_app"
    connections: Annotated[int, Meta(ge=2), _says("Most PostgreSQL connections one process holds.")] = 24
    connections_per_database: Annotated[int, Meta(ge=1), _says("Most of those to a single database.")] = 8
    redis_url: Annotated[
        str,
        _says(
            "A server of the Redis protocol, such as `rediss://…`: tells many processes of each other's commits and"
            " calls. Empty: PostgreSQL does.",
            secret=True,
        ),
    ] = ""
    secret: Annotated[str, _says("Signs tokens, cursors and codes. At least 32 characters.", secret=True)] = ""
    master_key: Annotated[
        str, _says("Wraps the key of each clinic: 32 bytes, base64url. Losing it loses the records.", secret=True)
    ] = ""
    previous_master_key: Annotated[
        str, _says("The master key before this one, until `svastha keys rotate` has been run.", secret=True)
    ] = ""
    key_provider: Annotated[
        Literal["file", "kms"], _says("Who wraps the keys: `file`, the master key above; `kms`, see [keys](keys.md).")
    ] = "file"
    kms_key_id: Annotated[str, _says("The key there: its id, ARN or alias.")] = ""
    kms_region: Annotated[str, _says("Region of AWS KMS, such as `ap-south-1`.")] = ""
    kms_url: Annotated[str, _says("Where it is, if not at AWS.")] = ""
    kms_access_key: Annotated[str, _says("Access key id; needs Encrypt, Decrypt and DescribeKey.")] = ""
    kms_secret_key: Annotated[str, _says("Its secret.", secret=True)] = ""
    smtp_host: Annotated[str, _says("Mail server. Empty in development: mail goes to `/dev/mailbox`.")] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535), _says("Its port.")] = 587
    smtp_user: Annotated[str, _says("Its account, if it wants one.")] = ""
    smtp_password: Annotated[str, _says("Its password.", secret=True)] = ""
    smtp_tls: Annotated[Literal["starttls", "tls", "none"], _says("How the mail connection is encrypted.")] = "starttls"
    mail_from: Annotated[str, _says("Sender of all mail.")] = "Svastha <no-reply@svastha.test>"
    whatsapp_url: Annotated[str, _says("WhatsApp Cloud API, with its version.")] = "https://graph.facebook.com/v23.0"
    whatsapp_token: Annotated[
        str, _says("Access token of its system user. Empty: nothing goes by WhatsApp.", secret=True)
    ] = ""
    whatsapp_phone_id: Annotated[str, _says("Id of the sending number.")] = ""
    whatsapp_app_secret: Annotated[str, _says("Signs what comes to `/hooks/whatsapp`.", secret=True)] = ""
    whatsapp_verify_token: Annotated[str, _says("Chosen by us; asked for when the hook is set up.", secret=True)] = ""
    whatsapp_templates: Annotated[
        str, _says("Approved templates: `one_time_code=svastha_code …`, see [messages](messages.md).")
    ] = ""
    sms_url: Annotated[str, _says("MSG91's flow API.")] = "https://control.msg91.com/api/v5/flow"
    sms_key: Annotated[str, _says("Its authkey. Empty: nothing goes by SMS.", secret=True)] = ""
    sms_sender: Annotated[str, _says("The header (sender id) registered for DLT.")] = ""
    sms_hook_secret: Annotated[str, _says("Bearer token that `/hooks/sms` asks for.", secret=True)] = ""
    sms_templates: Annotated[str, _says("Templates by language: `one_time_code.en=65f… one_time_code.hi=65f…`.")] = ""
    turn_urls: Annotated[
        str, _says("TURN and STUN servers for video, separated by spaces, such as `turn:turn.example.in:3478`.")
    ] = ""
    turn_secret: Annotated[
        str, _says("Shared with coturn (`static-auth-secret`); signs short-lived credentials.", secret=True)
    ] = ""
    oidc_providers: Annotated[
        str, _says("Whom we let vouch for people, such as Google: JSON, see below. Empty: nobody.", secret=True)
    ] = ""
    metrics_token: Annotated[
        str,
        _says("Whoever asks for `/metrics` sends it as a bearer token. Empty in production: no metrics.", secret=True),
    ] = ""
    worker_metrics_port: Annotated[
        int, Meta(ge=0, le=65535), _says("Where the worker answers `/metrics`, to the same token. 0: nowhere.")
    ] = 0
    security_contact: Annotated[
        str,
        _says("Whom to tell of a hole, for `/.well-known/security.txt`: `mailto:…` or `https://…`. Empty: no file."),
    ] = ""
    hold_minutes: Annotated[int, Meta(ge=1, le=60), _says("How long a chosen time is kept while booking.")] = 10
    trusted_proxies: Annotated[
        str, _says("Networks of the proxies whose `X-Forwarded-For` is believed, separated by spaces, as `10.0.0.0/8`.")
    ] = ""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _says("Least level that is logged.")] = "info"

    @property
    def production(self) -> bool:
        return self.mode == "production"

    @property
    def url(self) -> str:
        """Base address without a trailing slash."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def servers(self) -> dict[str, str]:
        """DSNs of the further PostgreSQL servers, by name."""
        return servers_of(self.database_servers)

    @property
    def mailbox_dir(self) -> Path:
        return self.state_dir / "mailbox"


@cache
def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Raises ValueError for what is not the address of a network."""
    return tuple(ip_network(one) for one in text.replace(",", " ").split())


def servers_of(text: str) -> dict[str, str]:
    """Raises ValueError for what is not a list of names and DSNs."""
    pairs = [one.partition("=") for one in text.split()]
    if any(not re.fullmatch("[a-z][a-z0-9-]{0,30}", name) or "://" not in dsn for name, _, dsn in pairs):
        raise ValueError("not a list such as name=postgresql://…")
    found = {name: dsn for name, _, dsn in pairs}
    if len(found) < len(pairs) or MAIN in found:
        raise ValueError(f"a name stands there twice, or is {MAIN}")
    return found


def _parts(url: str) -> SplitResult:
    """Of what is no URL at all, nothing."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def env_name(field: str) -> str:
    return f"SVASTHA_{field.upper()}"


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check. Raises :class:`SettingsTrouble` naming every setting that is wrong, never its value."""
    given: dict[str, Any] = {}
    wrong: list[str] = []
    fields = msgspec.structs.fields(Settings)
    for field in fields:
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
    kinds = {field.name: field.type for field in fields}
    for name, value in list(given.items()):
        try:
            kind = kinds[name]
            given[name] = msgspec.convert(value, kind, strict=False, dec_hook=lambda kind, value: kind(value))
        except (msgspec.ValidationError, UnicodeError, ValueError) as trouble:
            given_as = "PORT" if name == "port" and env_name(name) not in environ else env_name(name)
            said = str(trouble).split(" - at")[0] if isinstance(trouble, msgspec.ValidationError) else "cannot be read"
            wrong.append(f"{given_as}: {said}")
            del given[name]
    settings = Settings(**given)
    try:
        networks(settings.trusted_proxies)
    except ValueError:
        wrong.append("SVASTHA_TRUSTED_PROXIES: not a list of networks such as 10.0.0.0/8")
    if settings.security_contact and _parts(settings.security_contact).scheme not in ("mailto", "https"):
        wrong.append("SVASTHA_SECURITY_CONTACT must start with mailto: or https://")
    try:
        providers_of(settings.oidc_providers, https=settings.production)
    except ValueError as trouble:
        wrong.append(f"SVASTHA_OIDC_PROVIDERS: {trouble}")
    wrong += [
        f"{env_name(name)} is not an address"
        for name in msgspec.structs.asdict(settings)
        if name.endswith("_url") and getattr(settings, name) and _parts(getattr(settings, name)) == _parts("")
    ]
    wrong += _servers_unclear(settings) + _keys_incomplete(settings)
    if settings.production:
        wrong += _unfit_for_production(settings)
    if wrong:
        raise SettingsTrouble("\n".join(wrong))
    return settings


def _servers_unclear(settings: Settings) -> list[str]:
    try:
        servers_of(settings.database_servers)
    except ValueError as trouble:
        return [f"SVASTHA_DATABASE_SERVERS: {trouble}"]
    return []


def _keys_incomplete(settings: Settings) -> list[str]:
    wrong = []
    if settings.key_provider == "kms":
        needed = ("kms_key_id", "kms_region", "kms_access_key", "kms_secret_key")
        wrong += [f"{env_name(name)} is missing" for name in needed if not getattr(settings, name)]
    for name in ("master_key", "previous_master_key"):
        try:
            key_from(getattr(settings, name) or "A" * 43)
        except ValueError:
            wrong.append(f"{env_name(name)} is not 32 bytes in base64url")
    return wrong


def _unfit_for_production(settings: Settings) -> list[str]:
    wrong = []
    mastered = ["master_key"] if settings.key_provider == "file" or settings.master_key else []
    ours = ["turn_secret"] if settings.turn_urls else []
    ours += ["whatsapp_app_secret", "whatsapp_verify_token"] if settings.whatsapp_token else []
    ours += ["sms_hook_secret"] if settings.sms_key else []
    ours += ["metrics_token"] if settings.metrics_token else []
    for name in ("secret", *mastered, *ours):
        value = getattr(settings, name)
        if not value:
            wrong.append(f"{env_name(name)} is missing")
        elif len(value) < SHORTEST_SECRET:
            wrong.append(f"{env_name(name)} is shorter than {SHORTEST_SECRET} characters")
        elif len(set(value)) < 8 or any(word in value.lower() for word in NOT_SECRET):
            wrong.append(f"{env_name(name)} is a default or guessable value")
    for on, needed in (("whatsapp_token", "whatsapp_phone_id"), ("sms_key", "sms_sender")):
        if getattr(settings, on) and not getattr(settings, needed):
            wrong.append(f"{env_name(needed)} is missing")
    for name in ("database_url", "smtp_host"):
        if not getattr(settings, name):
            wrong.append(f"{env_name(name)} is missing")
    if _parts(settings.base_url).scheme != "https":
        wrong.append("SVASTHA_BASE_URL must start with https://")
    return wrong + _in_the_clear(settings)


def _in_the_clear(settings: Settings) -> list[str]:
    """Whom we would speak to without encryption."""
    wrong = []
    for name in ("whatsapp_url", "sms_url", "kms_url"):
        if _parts(getattr(settings, name)).scheme not in ("", "https"):
            wrong.append(f"{env_name(name)} must start with https://")
    if settings.smtp_tls == "none" and settings.smtp_host not in ("", *LOCAL):
        wrong.append("SVASTHA_SMTP_TLS: only a mail server on this machine may be spoken to without encryption")
    redis = _parts(settings.redis_url)
    if redis.scheme == "redis" and redis.hostname not in LOCAL:
        wrong.append("SVASTHA_REDIS_URL: a server elsewhere must be spoken to by rediss://")
    databases = [(env_name(name), getattr(settings, name)) for name in ("database_url", "replica_url")]
    with suppress(ValueError):  # said already
        databases += [("SVASTHA_DATABASE_SERVERS", dsn) for dsn in settings.servers.values()]
    for name, dsn in databases:
        database = _parts(dsn)
        encrypted = parse_qs(database.query).get("sslmode", [""])[-1] in ENCRYPTED
        if database.hostname not in (None, *LOCAL) and not encrypted:
            wrong.append(f"{name}: a database elsewhere needs sslmode=verify-full, or at least require")
    return wrong
