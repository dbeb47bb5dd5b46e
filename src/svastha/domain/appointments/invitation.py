from datetime import UTC

from icalendar import Calendar, Event

from svastha.domain.appointments.model import Appointment
from svastha.kit.clock import now


def invitation(visit: Appointment, clinic: str, *, url: str, method: str = "PUBLISH", sequence: int = 0) -> str:
    """The visit as RFC 5545 text. The UID stays the same for its whole life; the title says nothing about health."""
    calendar = Calendar()
    calendar.add("prodid", "-//Svastha//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{visit.id}@svastha")
    event.add("sequence", sequence)
    event.add("dtstamp", now())
    event.add("dtstart", visit.starts_at.astimezone(UTC))
    event.add("dtend", visit.ends_at.astimezone(UTC))
    event.add("summary", f"{visit.doctor_name} · {clinic}")
    event.add("url", url)
    event.add("status", "CANCELLED" if visit.status == "cancelled" else "CONFIRMED")
    calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")
