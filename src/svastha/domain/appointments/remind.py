from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.model import Remind
from svastha.domain.appointments.tell import tell
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import later

BEFORE = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))


def plan_reminders(tx: ClinicTx, appointment_id: UUID, starts_at: datetime) -> None:
    """Committed with the booking itself. What would be in the past already is left out."""
    for before in BEFORE:
        at = starts_at - before
        if at > now():
            later(tx, Remind(appointment_id, starts_at), run_at=at, key=f"{appointment_id}/{at:%Y%m%dT%H%M}")


async def remind(tx: ClinicTx, job: Remind, *, site: str) -> None:
    """Silent when the visit was cancelled or moved, has begun, or is over."""
    visit = await for_verification(tx, job.appointment_id)
    if visit.status in ("confirmed", "checked_in") and visit.starts_at == job.starts_at and visit.starts_at > now():
        await tell(tx, visit, "visit_reminder", site=site)
