from datetime import UTC
from email.utils import parseaddr

from icalendar import Calendar, Event, vCalAddress

from svastha.domain.appointments.model import Appointment
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx

GONE = ("cancelled", "declined", "expired")
OPEN = ("held", "requested")


def status_of(status: str) -> str:
    """Of RFC 5545."""
    return "CANCELLED" if status in GONE else "TENTATIVE" if status in OPEN else "CONFIRMED"


async def calendar_entry(
    tx: ClinicTx, visit: Appointment, *, url: str, method: str = "PUBLISH", organizer: str = "", attendee: str = ""
) -> str:
    """The visit as it is now, newer than every entry that was sent before."""
    sequence: int = await tx.value("SELECT sequence FROM appointments WHERE id = :id", id=visit.id)
    return invitation(
        visit, tx.clinic.name, url=url, method=method, sequence=sequence, organizer=organizer, attendee=attendee
    )


def invitation(
    visit: Appointment,
    clinic: str,
    *,
    url: str,
    method: str = "PUBLISH",
    sequence: int = 0,
    organizer: str = "",
    attendee: str = "",
) -> str:
    """The visit as RFC 5545 text. The UID stays the same for its whole life; the title says nothing about health.
    ``organizer`` and ``attendee`` are addresses, which a REQUEST or CANCEL names (RFC 5546)."""
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
    event.add("status", status_of(visit.status))
    if organizer and attendee:
        sender = vCalAddress(f"mailto:{parseaddr(organizer)[1]}")
        sender.params["CN"] = clinic
        event.add("organizer", sender)
        reader = vCalAddress(f"mailto:{attendee}")
        reader.params["PARTSTAT"] = "ACCEPTED"
        event.add("attendee", reader)
    calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")
