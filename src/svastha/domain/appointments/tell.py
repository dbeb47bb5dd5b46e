from uuid import UUID

import msgspec

from svastha.domain import notifications
from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.invitation import invitation
from svastha.domain.appointments.model import Appointment, AppointmentBooked, AppointmentCancelled
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import day_words, moment_words, zone_words


class Patient(msgspec.Struct, frozen=True):
    account_id: UUID | None
    name: str
    email: str
    locale: str
    zone: str


async def tell_booked(tx: ClinicTx, event: AppointmentBooked, *, site: str) -> None:
    """Silent when it was cancelled before this could be sent: the last word is not to be that it takes place."""
    visit = await for_verification(tx, event.appointment_id)
    if visit.status in ("confirmed", "checked_in", "in_progress"):
        await tell(tx, visit, "visit_confirmed", site=site, calendar="REQUEST")


async def tell_cancelled(tx: ClinicTx, event: AppointmentCancelled, *, site: str) -> None:
    visit = await for_verification(tx, event.appointment_id)
    await tell(tx, visit, "visit_cancelled", site=site, calendar="CANCEL")


async def tell(tx: ClinicTx, visit: Appointment, template: str, *, site: str, calendar: str | None = None) -> None:
    """Tell the patient, in her language and her zone."""
    patient = await tx.one(
        Patient, "SELECT account_id, name, email, locale, zone FROM patients WHERE id = :id", id=visit.patient_id
    )
    if not patient.email:
        return
    url = f"{site}/c/{tx.clinic.slug}/visits/{visit.id}"
    starts = visit.starts_at.astimezone(zone(patient.zone))
    attachments = []
    if calendar:
        sequence: int = await tx.value("SELECT sequence FROM appointments WHERE id = :id", id=visit.id)
        text = invitation(visit, tx.clinic.name, url=url, method=calendar, sequence=sequence)
        attachments = [notifications.Attachment("visit.ics", f"text/calendar; method={calendar}; charset=utf-8", text)]
    await notifications.send(
        tx,
        notifications.Recipient(patient.account_id, patient.email, patient.locale),
        template,
        attachments=attachments,
        name=patient.name,
        doctor=visit.doctor_name,
        clinic=tx.clinic.name,
        day=day_words(starts, patient.locale),
        moment=moment_words(starts, patient.locale),
        zone=zone_words(zone(patient.zone), patient.locale),
        url=url,
    )
