from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from svastha.domain import notifications, patients
from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.invitation import calendar_entry
from svastha.domain.appointments.links import links_for
from svastha.domain.appointments.model import (
    Appointment,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from svastha.domain.notifications import Attachment, Channel
from svastha.domain.patients import Told
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import day_words, moment_words, translator, zone_words

ANSWERABLE = ("confirmed", "checked_in", "in_progress")


async def tell_booked(tx: ClinicTx, event: AppointmentBooked, *, site: str, secret: str, sender: str) -> None:
    """Silent when it was cancelled before this could be sent: the last word is not to be that it takes place."""
    visit = await for_verification(tx, event.appointment_id)
    if visit.status in ANSWERABLE:
        await tell(tx, visit, "visit_confirmed", site=site, secret=secret, sender=sender, calendar="REQUEST")


async def tell_moved(tx: ClinicTx, event: AppointmentRescheduled, *, site: str, secret: str, sender: str) -> None:
    """Silent when it was cancelled or moved once more meanwhile, and of a visit nobody has confirmed yet."""
    visit = await for_verification(tx, event.appointment_id)
    if visit.status in ANSWERABLE and visit.starts_at == event.starts_at:
        await tell(tx, visit, "visit_moved", site=site, secret=secret, sender=sender, calendar="REQUEST")


async def tell_cancelled(tx: ClinicTx, event: AppointmentCancelled, *, site: str, sender: str) -> None:
    visit = await for_verification(tx, event.appointment_id)
    await tell(tx, visit, "visit_cancelled", site=site, sender=sender, calendar="CANCEL")


async def tell(
    tx: ClinicTx,
    visit: Appointment,
    template: str,
    *,
    site: str,
    secret: str = "",
    sender: str = "",
    calendar: str | None = None,
) -> None:
    """Tell the patient, or who acts for her, each in her own language and zone. With ``secret`` by a message that can
    be answered without signing in; ``calendar`` attaches the visit: REQUEST or CANCEL, from ``sender``."""
    for one in await patients.told_about(tx, visit.patient_id):
        attachments = []
        if calendar and one.email:
            attachments = [await entry_for(tx, visit, one, site=site, sender=sender, method=calendar)]
        await tell_one(tx, visit, template, one, site=site, secret=secret, attachments=attachments)


async def entry_for(
    tx: ClinicTx, visit: Appointment, one: Told, *, site: str, sender: str, method: str = "REQUEST"
) -> Attachment:
    """The visit for her calendar."""
    text = await calendar_entry(tx, visit, url=_url(visit, site), method=method, organizer=sender, attendee=one.email)
    return Attachment("visit.ics", f"text/calendar; method={method}; charset=utf-8", text)


async def tell_one(
    tx: ClinicTx,
    visit: Appointment,
    template: str,
    one: Told,
    *,
    site: str,
    secret: str = "",
    attachments: Sequence[Attachment] = (),
    until: datetime | None = None,
    told_id: UUID | None = None,
    channel: Channel | None = None,
    more: Mapping[str, str] = {},
) -> None:
    """``until``: a message that must not come twice, nor later than this; ``told_id`` is its name, to stop it by.
    ``more``: words of this template alone."""
    starts = visit.starts_at.astimezone(zone(one.zone))
    words = {
        "name": one.name,
        "patient": visit.patient_name,
        "doctor": visit.doctor_name,
        "clinic": tx.clinic.name,
        "day": day_words(starts, one.locale),
        "moment": moment_words(starts, one.locale),
        "zone": zone_words(zone(one.zone), one.locale),
        "url": _url(visit, site),
        "site": site,
    }
    if secret:
        tokens = await links_for(tx, visit, one, secret=secret)
        urls = {purpose: f"{site}/m/{token}" for purpose, token in tokens.items()}
        words |= {"link": tokens["all"], "actions": translator(one.locale)(notifications.ANSWERS).format(**urls)}
    words |= more
    template = f"{template}_for" if one.guardian else template
    if until:
        await notifications.send_once(
            tx, one.recipient, template, channel=channel, until=until, told_id=told_id, **words
        )
    else:
        await notifications.send(tx, one.recipient, template, attachments=attachments, **words)


def _url(visit: Appointment, site: str) -> str:
    return f"{site}/c/{visit.clinic}/visits/{visit.id}"
