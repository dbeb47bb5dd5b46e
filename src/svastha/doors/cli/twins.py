"""In development, stand-ins for what sends messages and for what people sign in with elsewhere."""

import contextlib
import json
import secrets

from svastha.adapters.mailbox import SmtpTwin
from svastha.adapters.oidc_twin import Client, OpenIdTwin
from svastha.adapters.oidc_twin_http import Somebody
from svastha.adapters.sms_twin import SmsTwin
from svastha.adapters.twin import HttpTwin
from svastha.adapters.whatsapp_twin import WhatsAppTwin
from svastha.settings import Settings


def twins(wanted: Settings, giving_back: contextlib.ExitStack) -> dict[str, str]:
    """Of whatever nobody has set up. Returns the settings that lead to them."""
    given = _channels(wanted, giving_back)
    if not wanted.smtp_host:
        given |= _mail(wanted, giving_back)
    if wanted.mode == "development" and not wanted.oidc_providers:
        given["SVASTHA_OIDC_PROVIDERS"] = _openid(wanted, giving_back)
    return given


def _mail(wanted: Settings, giving_back: contextlib.ExitStack) -> dict[str, str]:
    twin = SmtpTwin(wanted.mailbox_dir)
    port = twin.start()
    giving_back.callback(twin.stop)
    return {"SVASTHA_SMTP_HOST": "127.0.0.1", "SVASTHA_SMTP_PORT": str(port), "SVASTHA_SMTP_TLS": "none"}


def _channels(wanted: Settings, giving_back: contextlib.ExitStack) -> dict[str, str]:
    """Twins of the channels that nobody has set up."""
    hooks, twins = f"http://127.0.0.1:{wanted.port}/hooks", list[HttpTwin]()
    if not wanted.whatsapp_token:
        twins.append(WhatsAppTwin(wanted.mailbox_dir, hook=f"{hooks}/whatsapp"))
    if not wanted.sms_key:
        twins.append(SmsTwin(wanted.mailbox_dir, hook=f"{hooks}/sms"))
    found: dict[str, str] = {}
    for twin in twins:
        twin.start()
        giving_back.callback(twin.stop)
        found |= twin.environ()
    return found


def _openid(wanted: Settings, giving_back: contextlib.ExitStack) -> str:
    """A stand-in for Google, at the port after ours if it is free: people stay the same from run to run."""
    secret = secrets.token_urlsafe(24)
    people = (Somebody("patient1@svastha.test", "Patient One"), Somebody("new.patient@gmail.com", "New Patient"))
    client = Client(frozenset({f"{wanted.url}/sign-in/with/google/back"}), secret)
    twin = OpenIdTwin({"svastha": client}, people=people)
    issuer = twin.start(wanted.port % 65535 + 1)
    giving_back.callback(twin.stop)
    google = {
        "name": "google",
        "label": twin.label,
        "issuer": issuer,
        "client_id": "svastha",
        "client_secret": secret,
        "authoritative_for": ["gmail.com"],
    }
    return json.dumps([google])
