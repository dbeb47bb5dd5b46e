"""gettext catalogues, read once from their ``.po`` files. English is the message id itself."""

from collections.abc import Callable
from datetime import date, datetime, time, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = ("en", "hi")
NOWHERE = ("UTC", "Etc/UTC", "Etc/GMT", "GMT", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal")
FOLDER = Path(__file__).parent.parent / "locale"


def N_(text: str) -> str:
    """Marks a message for translation later, where the reader's language is known."""
    return text


@cache
def catalogue(locale: str) -> dict[Any, Any]:
    path = FOLDER / f"{locale}.po"
    if locale == "en" or not path.exists():
        return {}
    with path.open("rb") as file:
        return {
            message.id: message.string for message in read_po(file, locale=locale) if message.id and _whole(message)
        }


def _whole(message: Message) -> bool:
    """Translated in all its forms: what is half translated stays English."""
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


@cache
def translations(locale: str) -> Translations:
    """As the template engine wants them."""
    found = Translations()
    messages = catalogue(locale)
    found._catalog = {}
    for id, string in messages.items():
        if isinstance(id, tuple):
            forms = string if isinstance(string, tuple) else (string,)
            for n, form in enumerate(forms):
                found._catalog[(id[0], n)] = form
        else:
            found._catalog[id] = string
    found.plural = lambda n: int(n > 1) if locale == "hi" else int(n != 1)
    return found


def translator(locale: str) -> Callable[[str], str]:
    return translations(locale if locale in LOCALES else "en").gettext


@cache
def _babel(locale: str) -> Locale:
    return Locale.parse("hi_IN" if locale == "hi" else "en_IN")


# A page of a desk says a hundred times and a few days; to put one into words takes as long as a row of it.
@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=_babel(locale))


@lru_cache(maxsize=len(LOCALES) * 24 * 60)
def _time(hour: int, minute: int, locale: str) -> str:
    return format_time(time(hour, minute), "h:mm a", locale=_babel(locale)).replace("\u202f", " ")


def date_words(day: date, locale: str) -> str:
    """``9 Apr 1953``."""
    return _date(day, "d MMM y", locale)


def day_words(at: datetime, locale: str) -> str:
    """``Sat 21 Nov``, in the zone ``at`` is in."""
    return _date(at.date(), "EEE d MMM", locale)


def clock_words(at: datetime, locale: str) -> str:
    """``5:30 pm``, in the zone ``at`` is in."""
    return _time(at.hour, at.minute, locale)


def moment_words(at: datetime, locale: str) -> str:
    """``Sat 21 Nov, 5:30 pm``."""
    return f"{day_words(at, locale)}, {clock_words(at, locale)}"


@lru_cache(maxsize=1024)
def zone_words(zone: tzinfo, locale: str) -> str:
    """``India Time``; browsers and operating systems know one zone by several names."""
    if getattr(zone, "key", "") in NOWHERE:
        return "UTC"
    return get_timezone_name(zone, width="long", locale=_babel(locale))
