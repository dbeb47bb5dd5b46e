import re
from collections.abc import Sequence

from svastha.domain.notifications.model import Attachment, Channel, Contents, Recipient
from svastha.domain.notifications.templates import SHORT, SIGN_OFF, TEMPLATES
from svastha.kit.i18n import translator

_WORD = re.compile(r"\{(\w+)\}")


def compose(
    to: Recipient, channel: Channel, template: str, words: dict[str, str], attachments: Sequence[Attachment]
) -> Contents:
    """The message in the recipient's language, as long as the channel has room for it."""
    _ = translator(to.locale)
    if channel == "email":
        subject, body = (_(text).format(**words) for text in TEMPLATES[template])
        return Contents(to.email, subject, f"{body}\n\n-- \n{_(SIGN_OFF)}\n", to.locale, attachments=tuple(attachments))
    text = _(SHORT[template])
    values = tuple(words[name] for name in _WORD.findall(text))
    return Contents(to.phone, "", text.format(**words), to.locale, values, words.get("code", ""))


def registered(template: str, locale: str) -> str:
    """The short text as it is registered with the operators (DLT): ``{#var#}`` wherever a value goes."""
    return _WORD.sub("{#var#}", translator(locale)(SHORT[template]))
