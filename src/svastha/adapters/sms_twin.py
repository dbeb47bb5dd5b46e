"""MSG91's flow API as far as we use it, with the checks of the operators behind it (DLT), on this machine.

Which numbers stand for trouble is told in ``twin.py``.
"""

import hashlib
import re
import secrets
from pathlib import Path
from typing import Any, NoReturn

from svastha.adapters.twin import DOWN, FAILS, REFUSED, SILENT, Answer, HttpTwin, Wrong
from svastha.domain.notifications import SHORT, registered

PATH = "/api/v5/flow"
SENDER = "SVASTH"
LANGUAGES = ("en", "hi")
ALLOWED = {"template_id", "sender", "short_url", "recipients"}


def template_id(name: str, locale: str) -> str:
    """24 hex digits, as theirs."""
    return hashlib.sha256(f"{name}.{locale}".encode()).hexdigest()[:24]


def templates() -> str:
    """What the setting ``sms_templates`` is while the twin stands in."""
    return " ".join(f"{name}.{locale}={template_id(name, locale)}" for name in SHORT for locale in LANGUAGES)


class SmsTwin(HttpTwin):
    def __init__(self, folder: Path, *, hook: str = "", key: str = "", hook_secret: str = "") -> None:
        super().__init__(folder, hook=hook)
        self.key, self.hook_secret = key or secrets.token_hex(12), hook_secret or secrets.token_hex(16)
        self._texts = {template_id(name, locale): registered(name, locale) for name in SHORT for locale in LANGUAGES}

    def environ(self) -> dict[str, str]:
        """The settings that lead here."""
        return {
            "SVASTHA_SMS_URL": f"{self.url}{PATH}",
            "SVASTHA_SMS_KEY": self.key,
            "SVASTHA_SMS_SENDER": SENDER,
            "SVASTHA_SMS_HOOK_SECRET": self.hook_secret,
            "SVASTHA_SMS_TEMPLATES": templates(),
        }

    def signed(self, body: bytes) -> dict[str, str]:
        return {"authorization": f"Bearer {self.hook_secret}"}

    def answer(self, path: str, headers: dict[str, str], body: Any) -> Answer:
        if path.rstrip("/") != PATH:
            _refuse(404, "404", "Not found")
        if headers.get("authkey") != self.key:
            _refuse(401, "201", "Authentication failure")
        if not isinstance(body, dict) or not set(body) <= ALLOWED:
            _refuse(400, "400", "Invalid request")
        text = self._texts.get(str(body.get("template_id")))
        if text is None:
            _refuse(400, "211", "Template ID missing or invalid")
        if body.get("sender") != SENDER:
            _refuse(400, "203", "Sender ID is not registered for this entity")
        recipients = body.get("recipients")
        if not isinstance(recipients, list) or len(recipients) != 1 or not isinstance(recipients[0], dict):
            _refuse(400, "400", "Recipients missing")
        values = {str(name): str(value) for name, value in recipients[0].items()}
        number, reference = values.pop("mobiles", ""), values.pop("CRQID", "")
        if not re.fullmatch(r"[1-9][0-9]{9,14}", number):
            _refuse(400, "202", "Invalid mobile number")
        return self._take(number, reference, text, values)

    def _take(self, number: str, reference: str, text: str, values: dict[str, str]) -> Answer:
        trouble = self.trouble(number, 1)
        if trouble == DOWN:
            _refuse(503, "503", "Service unavailable")
        if trouble == REFUSED:
            _refuse(200, "207", "Number is blocked")  # refusals may come with status 200
        id = secrets.token_hex(12)
        taken = {"message": id, "type": "success"}
        wanted = [f"VAR{place}" for place in range(1, text.count("{#var#}") + 1)]
        scrubbed = sorted(values) != sorted(wanted) or any(not 0 < len(value) <= 30 for value in values.values())
        if trouble == FAILS or scrubbed:  # what DLT does not like is taken, and dropped by the operator
            return Answer(200, taken, (_report(id, reference, "2", "FAILED"),))
        if trouble == SILENT:
            return Answer(200, taken)
        for name in wanted:
            text = text.replace("{#var#}", values[name], 1)
        self.arrived("sms", number, text, id)
        return Answer(200, taken, (_report(id, reference, "1", "DELIVERED"),))


def _report(id: str, reference: str, status: str, words: str) -> dict[str, Any]:
    return {"requestId": id, "CRQID": reference, "senderId": SENDER, "status": status, "desc": words}


def _refuse(status: int, code: str, message: str) -> NoReturn:
    raise Wrong(Answer(status, {"message": message, "type": "error", "code": code}))
