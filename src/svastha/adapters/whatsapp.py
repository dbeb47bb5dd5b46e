"""WhatsApp Cloud API: approved templates only. The local twin is ``whatsapp_twin.py``.

https://developers.facebook.com/documentation/business-messaging/whatsapp/
"""

from typing import Any

from svastha.adapters.messaging import Provider, TryAgain, named
from svastha.domain.notifications import Letter, Unreachable
from svastha.settings import Settings

# Too fast, overloaded or being mended. Everything else will be the same the next time.
PASSING = {1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004}
NOT_THERE = 131026  # no WhatsApp at this number, or too old a one


class WhatsApp:
    def __init__(self, settings: Settings) -> None:
        self._templates = named(settings.whatsapp_templates)
        self._api = Provider(
            f"{settings.whatsapp_url.rstrip('/')}/{settings.whatsapp_phone_id}/messages",
            {"Authorization": f"Bearer {settings.whatsapp_token}"},
        )

    async def send(self, letter: Letter) -> str:
        """The id of the message there. Raises Unreachable, NotTaken, httpx.HTTPError."""
        name = self._templates.get(letter.template)
        if name is None:
            raise Unreachable("no_template")
        status, answer = await self._api.post(payload(letter, name))
        if status == 200:
            try:
                return str(answer["messages"][0]["id"])
            except (LookupError, TypeError):
                raise LookupError("whatsapp_without_id") from None  # taken, it seems
        error = answer.get("error")
        told = error.get("code") if isinstance(error, dict) else None
        code = told if isinstance(told, int) else None
        if status >= 500 or status == 429 or code in PASSING:
            raise TryAgain(f"whatsapp_{code or status}")
        raise Unreachable(f"whatsapp_{code or status}")


def payload(letter: Letter, name: str) -> dict[str, Any]:
    """A code goes as an AUTHENTICATION template, which takes it twice: to be read, and for the button that copies."""
    if letter.code:
        components = [
            {"type": "body", "parameters": _texts((letter.code,))},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": _texts((letter.code,))},
        ]
    else:
        components = [{"type": "body", "parameters": _texts(letter.values)}] if letter.values else []
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": letter.to.removeprefix("+"),
        "type": "template",
        "template": {"name": name, "language": {"code": letter.locale}, "components": components},
        "biz_opaque_callback_data": letter.reference,
    }


def _texts(values: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"type": "text", "text": value} for value in values]
