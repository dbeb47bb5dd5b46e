from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import notifications, patients
from svastha.domain.queue.days import OVERNIGHT
from svastha.domain.queue.model import QueueLate
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import moment_words, zone_words

AFFECTED = timedelta(hours=3)  # whoever is to come in that time; later ones may well begin as booked


class _Affected(msgspec.Struct, frozen=True):
    id: UUID
    patient_id: UUID
    patient_name: str
    doctor_name: str
    starts_at: datetime


async def tell_late(tx: ClinicTx, event: QueueLate, *, site: str) -> None:
    """Those who wait, and those who are on their way. Silent when something else was said since."""
    affected = await tx.all(
        _Affected,
        """
        SELECT a.id, a.patient_id, p.name AS patient_name, d.name AS doctor_name, a.starts_at
        FROM queue_days q JOIN practitioners d USING (doctor_id) JOIN appointments a USING (doctor_id)
        JOIN patients p ON p.id = a.patient_id
        LEFT JOIN queue_entries e ON e.appointment_id = a.id
        WHERE q.doctor_id = :doctor_id AND q.day = :day AND q.late_said_at = :said_at AND (
            (a.status = 'checked_in' AND (e.day = :day OR (e.day = :day::date - 1
                AND e.arrived_at > :said_at::timestamptz - :overnight::interval)))
            OR (a.status = 'confirmed' AND a.starts_at > :said_at - interval '1 hour' AND a.starts_at < :until))
        ORDER BY a.starts_at, a.id
        """,
        doctor_id=event.doctor_id,
        day=event.day,
        said_at=event.said_at,
        until=event.said_at + AFFECTED,
        overnight=OVERNIGHT,
    )
    template = "doctor_late" if event.minutes else "doctor_on_time"
    for visit in affected:
        for one in await patients.told_about(tx, visit.patient_id):
            where = zone(one.zone)
            await notifications.send(
                tx,
                one.recipient,
                f"{template}_for" if one.guardian else template,
                name=one.name,
                patient=visit.patient_name,
                doctor=visit.doctor_name,
                clinic=tx.clinic.name,
                minutes=str(event.minutes),
                moment=moment_words(visit.starts_at.astimezone(where), one.locale),
                zone=zone_words(where, one.locale),
                url=f"{site}/c/{tx.clinic.slug}/visits/{visit.id}",
            )
