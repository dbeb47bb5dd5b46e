from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import notifications, patients
from svastha.domain.waiting_list.access import ANSWER
from svastha.domain.waiting_list.model import Offered
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import clock_words, day_words, moment_words, zone_words


class _Offer(msgspec.Struct, frozen=True):
    entry_id: UUID
    patient_id: UUID
    patient: str
    doctor: str
    starts_at: datetime
    expires_at: datetime


async def tell_offered(tx: ClinicTx, event: Offered, *, site: str) -> None:
    """The patient, or who acts for her: the time, until when it is hers, and where she answers. Silent when that is
    over."""
    offer = await tx.maybe(
        _Offer,
        f"""
        SELECT o.entry_id, o.patient_id, p.name AS patient, d.name AS doctor, o.starts_at, o.expires_at
        FROM waiting_list_offers o JOIN appointments a ON a.id = o.appointment_id
        JOIN patients p ON p.id = o.patient_id JOIN practitioners d ON d.doctor_id = o.doctor_id
        WHERE o.appointment_id = :id AND {ANSWER} = 'open'
        """,
        id=event.appointment_id,
    )
    if offer is None:
        return
    for one in await patients.told_about(tx, offer.patient_id):
        where = zone(one.zone)
        starts, until = offer.starts_at.astimezone(where), offer.expires_at.astimezone(where)
        await notifications.send(
            tx,
            one.recipient,
            "time_offered_for" if one.guardian else "time_offered",
            name=one.name,
            patient=offer.patient,
            doctor=offer.doctor,
            clinic=tx.clinic.name,
            day=day_words(starts, one.locale),
            moment=moment_words(starts, one.locale),
            until=clock_words(until, one.locale),
            zone=zone_words(where, one.locale),
            url=f"{site}/c/{tx.clinic.slug}/waiting/{offer.entry_id}",
            site=site.split("//", 1)[-1],
        )
