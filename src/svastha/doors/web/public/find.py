"""Find a doctor. All of a search stands in its address, so it can be kept, sent on, and made without script."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from svastha.domain import clinics, directory
from svastha.domain.directory import Language, Query, Specialty
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.kit import clock
from svastha.kit.i18n import N_

AT_ONCE = 12  # doctors on a page
COUNTED = 100
CHOSEN_FROM = 60  # clinics; of more, whoever knows the name says it in words
INDIA = clock.zone("Asia/Kolkata")
AHEAD = {"today": 0, "tomorrow": 1}
FEES = (30000, 50000, 80000, 120000)  # paise


class Concern(NamedTuple):
    icon: str
    name: str
    q: str


# What is looked for is said in the reader's language, and understood in it.
CONCERNS = (
    Concern("belly", N_("Digestion"), N_("digestion")),
    Concern("drop", N_("Skin"), N_("skin")),
    Concern("joint", N_("Joints"), N_("joint pain")),
    Concern("lotus", N_("Women’s health"), N_("women’s health")),
    Concern("wind", N_("Breathing"), N_("breathlessness")),
    Concern("moon", N_("Mind and sleep"), N_("sleep")),
    Concern("people", N_("Children"), N_("children")),
)


def query_of(given: Mapping[str, str]) -> Query:
    """What an address asks for. What cannot be understood in it counts as not said."""
    words = {name: text.replace("\x00", "").strip()[:200] for name, text in given.items() if name != "cursor"}
    words["day"] = day_named(words.get("day", ""))
    asked: dict[str, Any] = {}
    for field in msgspec.structs.fields(Query):
        if words.get(field.name):
            with suppress(msgspec.ValidationError):
                asked[field.name] = msgspec.convert(words[field.name], field.type, strict=False)
    if abs((asked.get("day", today()) - today()).days) > 366:
        del asked["day"]
    return Query(**{**asked, "limit": AT_ONCE, "cursor": given.get("cursor") or None})


def day_named(word: str) -> str:
    """``today`` and ``tomorrow`` are days of India, where the clinics are, wherever the reader may be."""
    return today(AHEAD[word]).isoformat() if word in AHEAD else word


def today(ahead: int = 0) -> date:
    return clock.today(INDIA) + timedelta(ahead)


def address(given: Mapping[str, str], **other: str) -> str:
    """The same search, but for what is given by name; an empty value takes a filter away."""
    kept = {name: value for name, value in {**given, **other}.items() if value and name in Query.__struct_fields__}
    return f"/?{urlencode(kept)}" if kept else "/"


def named(things: Iterable[Specialty | Language], lang: str) -> dict[str, str]:
    """Code and name in the reader's language."""
    return {thing.code: thing.name_hi if lang == "hi" else thing.name_en for thing in things}


@get("/", needs="public")
async def find(request: Asked) -> Response[Any]:
    given = dict(request.query_params)
    query, lang, house = query_of(given), language_of(request), visit.house_of(request)
    async with house.routing.reading_directory() as tx:
        found = await directory.search(tx, query, secret=house.settings.secret)
        count = await directory.count(tx, query, most=COUNTED)
        languages = await directory.languages(tx)
        specialties = await directory.specialties(tx)
        places = await clinics.every(tx)
    return await page(
        request,
        "public/find.html",
        here="find",
        query=query,
        found=found.items,
        more=address(given, cursor=found.next_cursor) if found.next_cursor else None,
        count=count,
        counted=COUNTED,
        languages=named(languages, lang),
        specialties=named(specialties, lang),
        clinics={one.slug: one.name for one in places if len(places) <= CHOSEN_FROM or one.slug == query.clinic},
        concerns=CONCERNS,
        fees=sorted({*FEES, *([] if query.max_fee is None else [query.max_fee])}),
        day_word=next((word for word, ahead in AHEAD.items() if query.day == today(ahead)), ""),
        other_day=datetime.combine(query.day, time(12), INDIA) if query.day else None,
        address=lambda **other: address(given, cursor="", **other),
    )


routes = [find]
