from collections.abc import Iterable
from datetime import UTC

from icalendar import Calendar, Event

from svastha.domain.appointments import status_of
from svastha.domain.calendars.model import Followed
from svastha.domain.calendars.read import Entry
from svastha.kit.i18n import N_, translator

EVERY = "PT15M"  # how often programs may look
MODES = {"video": N_("Video"), "in_person": N_("In person"), "home_visit": N_("Home visit")}


def written(feed: Followed, visits: Iterable[Entry], *, site: str) -> str:
    """RFC 5545, in UTC throughout; the same visits give the same text. Titles say nothing about health and, but to
    whoever acts for them, nothing about patients."""
    _ = translator(feed.locale)
    calendar = Calendar()
    calendar.add("prodid", "-//Svastha//Calendars//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Svastha")
    calendar.add("x-published-ttl", EVERY)
    calendar.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"}, encode=False)
    for one in sorted(visits, key=lambda one: (one.starts_at, one.id)):
        minutes = round((one.ends_at - one.starts_at).total_seconds() / 60)
        length = _("{n} min").format(n=minutes)
        if feed.kind == "patient":
            title = f"{one.doctor} · {one.clinic_name}"
            if one.for_whom:
                title = f"{_('For {name}').format(name=one.for_whom)} · {title}"
        else:
            whose = _("Visit") if feed.kind == "doctor" else one.doctor
            title = f"{whose} · {_(MODES[one.mode]).lower()} · {length}"
        page = "doctor/visits" if feed.kind == "doctor" else "visits"
        event = Event()
        event.add("uid", f"{one.id}@svastha")
        event.add("sequence", one.sequence)
        event.add("dtstamp", one.changed_at.astimezone(UTC))
        event.add("dtstart", one.starts_at.astimezone(UTC))
        event.add("dtend", one.ends_at.astimezone(UTC))
        event.add("summary", title)
        event.add("url", f"{site}/c/{one.clinic}/{page}/{one.id}")
        event.add("status", status_of(one.status))
        calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")
