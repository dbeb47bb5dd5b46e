from uuid import UUID

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.consultations.model import LogLine, Who
from svastha.kit.db import Batch, ClinicTx
from svastha.kit.ids import uuid7

LINES = Batch(
    "INSERT INTO call_log (id, appointment_id, who, event, detail) SELECT id, appointment_id, who, event, detail"
    " FROM jsonb_to_recordset(:rows) AS r(id uuid, appointment_id uuid, who text, event text, detail text)"
)


def log(tx: ClinicTx, appointment_id: UUID, who: Who, event: str, detail: str = "") -> None:
    """The log of a consultation that the telemedicine guidelines ask for. Never what was said or shown."""
    tx.write_at_the_door(LINES, id=uuid7(), appointment_id=appointment_id, who=who, event=event, detail=detail)


async def log_of(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> list[LogLine]:
    """In order, for the doctor of the visit."""
    visit = await appointments.attended_by(tx, actor, appointment_id)
    audit.note(tx, actor.account_id, "read", "call_log", appointment_id, whose=visit.appointment.patient_id)
    return await tx.all(
        LogLine,
        "SELECT at, who, event, detail FROM call_log WHERE appointment_id = :id ORDER BY at, id",
        id=appointment_id,
    )
