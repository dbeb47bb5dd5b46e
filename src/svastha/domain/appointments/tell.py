from svastha.domain import notifications, patients
from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.invitation import invitation
from svastha.domain.appointments.model import Appointment, AppointmentBooked, AppointmentCancelled
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import day_words, moment_words, zone_words


async def tell_booked(tx: ClinicTx, event: AppointmentBooked, *, site: str) -> None:
    """Silent when it was cancelled before this could be sent: the last word is not to be that it takes place."""
    visit = await for_verification(tx, event.appointment_id)
    if visit.status in ("confirmed", "checked_in", "in_progress"):
        await tell(tx, visit, "visit_confirmed", site=site, calendar="REQUEST")


async def tell_cancelled(tx: ClinicTx, event: AppointmentCancelled, *, site: str) -> None:
    visit = await for_verification(tx, event.appointment_id)
    await tell(tx, visit, "visit_cancelled", site=site, calendar="CANCEL")


async def tell(tx: ClinicTx, visit: Appointment, template: str, *, site: str, calendar: str | None = None) -> None:
    """Tell the patient, or who acts for her, each in her own language and zone."""
    people = await patients.told_about(tx, visit.patient_id)
    url = f"{site}/c/{tx.clinic.slug}/visits/{visit.id}"
    attachments = []
    if calendar and people:
        sequence: int = await tx.value("SELECT sequence FROM appointments WHERE id = :id", id=visit.id)
        text = invitation(visit, tx.clinic.name, url=url, method=calendar, sequence=sequence)
        attachments = [notifications.Attachment("visit.ics", f"text/calendar; method={calendar}; charset=utf-8", text)]
    for one in people:
        starts = visit.starts_at.astimezone(zone(one.zone))
        await notifications.send(
            tx,
            one.recipient,
            f"{template}_for" if one.guardian else template,
            attachments=attachments,
            name=one.name,
            patient=visit.patient_name,
            doctor=visit.doctor_name,
            clinic=tx.clinic.name,
            day=day_words(starts, one.locale),
            moment=moment_words(starts, one.locale),
            zone=zone_words(zone(one.zone), one.locale),
            url=url,
        )
