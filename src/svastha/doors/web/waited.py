"""Waiting for a time, as the pages of patients and the desk show it."""

from datetime import date, timedelta
from typing import Any

from babel.dates import get_day_names

from svastha.domain import directory
from svastha.domain.waiting_list import PARTS, WEEK
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.kit.i18n import N_

PART_WORDS = {
    "morning": N_("Morning, before 12"),
    "afternoon": N_("Afternoon, 12 to 5"),
    "evening": N_("Evening, after 5"),
}
ASKED_AHEAD = timedelta(days=14)  # what the form begins with


async def words_of(request: Asked) -> dict[str, Any]:
    """What the templates need to say who is waited for, and when."""
    lang = language_of(request)
    async with visit.house_of(request).routing.reading_control() as control:
        known = await directory.specialties(control)
    days = get_day_names("abbreviated", locale="hi_IN" if lang == "hi" else "en_IN")
    return {
        "specialty_names": {one.code: one.name_hi if lang == "hi" else one.name_en for one in known},
        "weekday_names": {number: days[number - 1] for number in WEEK},
        "part_words": PART_WORDS,
        "all_parts": list(PARTS),
        "all_weekdays": list(WEEK),
    }


def day_typed(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
