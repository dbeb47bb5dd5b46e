"""Every word a person can read has its Hindi.

After new words: ``SVASTHA_WRITE_CATALOGUE=1 uv run pytest tests/test_i18n.py`` puts the missing ones into ``hi.po``,
where they wait to be translated.
"""

import os
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from svastha.kit.i18n import LOCALES, translations, translator

SOURCE = Path(__file__).parent.parent / "src" / "svastha"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false", "extensions": "jinja2.ext.do"}}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
HEADER = rb"""# Hindi for Svastha. The English words are the message ids themselves.
msgid ""
msgstr ""
"Project-Id-Version: Svastha\n"
"Language: hi\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def used() -> Catalog:
    found = Catalog(locale="hi")
    for name, line, message, comments, context in extract_from_dir(
        str(SOURCE), METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True
    ):
        found.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return found


def written(locale: str) -> Catalog:
    path = SOURCE / "locale" / f"{locale}.po"
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def untranslated(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return True
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return not all(forms)


def test_every_word_is_translated() -> None:
    catalogue, missing = written("hi"), []
    for message in used():
        if not message.id:
            continue
        known = catalogue.get(message.id)
        if known is None:
            catalogue.add(message.id, "" if isinstance(message.id, str) else ("", ""), locations=message.locations)
        if untranslated(known):
            missing.append(f"{message.locations[0][0]}:{message.locations[0][1]} {message.id!r}")
    if os.environ.get("SVASTHA_WRITE_CATALOGUE"):
        fresh = Catalog(locale="hi")
        for message in used():
            if message.id:
                old = catalogue.get(message.id)
                fresh.add(
                    message.id, old.string if old else "", locations=sorted({(f, 0) for f, _ in message.locations})
                )
        with (SOURCE / "locale" / "hi.po").open("wb") as file:
            file.write(HEADER)  # our own: the one of Babel has a date, so the file would change each time
            write_po(file, fresh, width=110, sort_output=True, omit_header=True, include_lineno=False)
    assert not missing, f"{len(missing)} words have no Hindi:\n" + "\n".join(missing)


def test_no_translation_is_left_over() -> None:
    ids = {message.id for message in used()}
    assert not [m.id for m in written("hi") if m.id and m.id not in ids], "remove what nobody says any more"


def test_translations_keep_their_placeholders() -> None:
    wrong = []
    for message in written("hi"):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        wanted = set(re.findall(r"\{\w*\}|%\(\w+\)[sd]", ids[-1]))
        wrong += [ids[0] for string in strings if set(re.findall(r"\{\w*\}|%\(\w+\)[sd]", string)) != wanted]
    assert not wrong


@pytest.mark.parametrize("locale", LOCALES)
def test_catalogues_load(locale: str) -> None:
    assert translator(locale)("Please sign in.")
    assert translations(locale).ngettext("%(n)s", "%(n)s", 2)
