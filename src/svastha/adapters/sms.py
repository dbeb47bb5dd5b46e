"""SMS in India by MSG91's flow API, with templates registered for DLT. The local twin is ``sms_twin.py``.

https://docs.msg91.com/sms/send-sms
"""

from typing import Any

from svastha.adapters.messaging import Provider, TryAgain, named
from svastha.domain.notifications import Letter, Unreachable
from svastha.settings import Settings

LONGEST_VALUE = 30  # characters: operators drop a message with a longer one


class Msg91:
    def __init__(self, settings: Settings) -> None:
        self._sender = settings.sms_sender
        self._templates = named(settings.sms_templates)
        self._api = Provider(settings.sms_url, {"authkey": settings.sms_key})

    async def send(self, letter: Letter) -> str:
        """The request's id there. Raises Unreachable, NotTaken, httpx.HTTPError."""
        template = self._templates.get(f"{letter.template}.{letter.locale}")
        if template is None:
            raise Unreachable("no_template")
        status, answer = await self._api.post(payload(letter, template, self._sender))
        if status == 200 and answer.get("type") == "success" and answer.get("message"):
            return str(answer["message"])
        if status >= 500 or status == 429:
            raise TryAgain(f"sms_{status}")
        raise Unreachable(f"sms_{answer.get('code') or status}")  # errors come with status 200, too


def payload(letter: Letter, template: str, sender: str) -> dict[str, Any]:
    """Values as ``VAR1``, ``VAR2`` … in the order of the registered text. What they mean stays with us."""
    values = {f"VAR{place}": value[:LONGEST_VALUE] for place, value in enumerate(letter.values, 1)}
    return {
        "template_id": template,
        "sender": sender,
        "short_url": "0",
        "recipients": [{"mobiles": letter.to.removeprefix("+"), "CRQID": letter.reference, **values}],
    }
