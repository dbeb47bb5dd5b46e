"""The WhatsApp Cloud API as far as we use it, on this machine: checks what is sent, delivers to the mailbox, reports.

Which numbers stand for trouble is told in ``twin.py``.
"""

import hashlib
import hmac
import re
import secrets
import time
from pathlib import Path
from typing import Any, NoReturn

from svastha.adapters.twin import DOWN, FAILS, REFUSED, SILENT, Answer, HttpTwin, Wrong
from svastha.domain.notifications import SHORT, registered

VERSION = "v23.0"
PREFIX = "svastha_"
LANGUAGES = ("en", "hi")
LONGEST_CODE = 15
ALLOWED = {"messaging_product", "recipient_type", "to", "type", "template", "biz_opaque_callback_data"}


def templates() -> str:
    """What the setting ``whatsapp_templates`` is while the twin stands in."""
    return " ".join(f"{name}={PREFIX}{name}" for name in SHORT)


class WhatsAppTwin(HttpTwin):
    def __init__(
        self, folder: Path, *, hook: str = "", token: str = "", phone_id: str = "", app_secret: str = ""
    ) -> None:
        super().__init__(folder, hook=hook)
        self.token = token or secrets.token_urlsafe(24)
        self.phone_id = phone_id or "106540352242922"
        self.app_secret = app_secret or secrets.token_hex(16)

    def environ(self) -> dict[str, str]:
        """The settings that lead here."""
        return {
            "SVASTHA_WHATSAPP_URL": f"{self.url}/{VERSION}",
            "SVASTHA_WHATSAPP_TOKEN": self.token,
            "SVASTHA_WHATSAPP_PHONE_ID": self.phone_id,
            "SVASTHA_WHATSAPP_APP_SECRET": self.app_secret,
            "SVASTHA_WHATSAPP_VERIFY_TOKEN": self.app_secret,
            "SVASTHA_WHATSAPP_TEMPLATES": templates(),
        }

    def signed(self, body: bytes) -> dict[str, str]:
        return {"x-hub-signature-256": "sha256=" + hmac.digest(self.app_secret.encode(), body, hashlib.sha256).hex()}

    def answer(self, path: str, headers: dict[str, str], body: Any) -> Answer:
        if headers.get("authorization") != f"Bearer {self.token}":
            _refuse(190, "Invalid OAuth access token", 401)
        if path != f"/{VERSION}/{self.phone_id}/messages":
            _refuse(100, "Unsupported post request")
        text = _checked(body)
        number = body["to"]
        trouble = self.trouble(number, 0)
        if trouble == DOWN:
            _refuse(2, "Service temporarily unavailable", 503)
        if trouble == REFUSED:
            _refuse(131026, "Message undeliverable")
        id = f"wamid.{secrets.token_urlsafe(30)}"
        taken = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": number, "wa_id": number}],
            "messages": [{"id": id, "message_status": "accepted"}],
        }
        reference = body.get("biz_opaque_callback_data", "")
        if trouble == FAILS:
            return Answer(200, taken, (self._status(id, number, "failed", reference, 131026),))
        sent = self._status(id, number, "sent", reference)
        if trouble == SILENT:
            return Answer(200, taken, (sent,))
        self.arrived("whatsapp", number, text, id)
        return Answer(200, taken, (sent, self._status(id, number, "delivered", reference)))

    def _status(self, id: str, number: str, status: str, reference: str, code: int = 0) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": id,
            "status": status,
            "timestamp": str(int(time.time())),
            "recipient_id": number,
            "biz_opaque_callback_data": reference,
        }
        if code:
            told["errors"] = [{"code": code, "title": "Message undeliverable"}]
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550000000", "phone_number_id": self.phone_id},
            "statuses": [told],
        }
        return {
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}],
        }


def _refuse(code: int, message: str, status: int = 400) -> NoReturn:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "twin"}
    raise Wrong(Answer(status, {"error": error}))


def _checked(body: Any) -> str:
    """The text as it would be shown. Raises Wrong with what the real one would answer."""
    if not isinstance(body, dict) or not set(body) <= ALLOWED or body.get("messaging_product") != "whatsapp":
        _refuse(100, "Invalid parameter")
    if not re.fullmatch(r"[1-9][0-9]{7,14}", str(body.get("to"))) or body.get("recipient_type") != "individual":
        _refuse(100, "Invalid parameter: to")
    if len(body.get("biz_opaque_callback_data", "")) > 512:
        _refuse(100, "Invalid parameter: biz_opaque_callback_data")
    template = body.get("template")
    if body.get("type") != "template" or not isinstance(template, dict):
        _refuse(131047, "Re-engagement message: only templates outside of the 24 hour window")
    name, language = str(template.get("name")).removeprefix(PREFIX), template.get("language", {}).get("code")
    if not str(template.get("name")).startswith(PREFIX) or name not in SHORT or language not in LANGUAGES:
        _refuse(132001, "Template name does not exist in the translation", 404)
    parts = {part.get("type"): part for part in template.get("components", [])}
    values = _texts(parts.pop("body", {}))
    if "{code}" in SHORT[name]:
        return _code(values, parts)
    text = registered(name, language)
    if parts or len(values) != text.count("{#var#}"):
        _refuse(132000, "Number of parameters does not match the expected number of params")
    for value in values:
        text = text.replace("{#var#}", value, 1)
    return text


def _code(values: list[str], parts: dict[str, Any]) -> str:
    """An AUTHENTICATION template: its text is WhatsApp's own, the code comes twice."""
    button = parts.pop("button", {})
    if button.get("sub_type") != "url" or str(button.get("index")) != "0" or _texts(button) != values or parts:
        _refuse(131008, "Required parameter is missing: the button takes the code")
    if len(values) != 1:
        _refuse(132000, "Number of parameters does not match the expected number of params")
    if len(values[0]) > LONGEST_CODE:
        _refuse(132005, "Translated text too long")
    return f"{values[0]} is your verification code. For your security, do not share this code."


def _texts(component: dict[str, Any]) -> list[str]:
    found = []
    for parameter in component.get("parameters", []):
        text = parameter.get("text")
        if parameter.get("type") != "text" or not isinstance(text, str) or not text:
            _refuse(131008, "Required parameter is missing")
        if re.search(r"\n|\t| {5}", text):
            _refuse(132007, "Parameters cannot have new lines, tabs or more than 4 spaces in a row")
        found.append(text)
    return found
