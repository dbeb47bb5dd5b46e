from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import schedule
from svastha.domain.schedule import BUSY, LIVE, Mode, SlotTaken
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx

FURTHEST = timedelta(days=731)


async def look_first(tx: ClinicTx, *, doctor_id: UUID, mode: Mode, starts_at: datetime, patient: UUID) -> None:
    """Refuse what anybody can see is gone, without queueing for the doctor's lock: of two hundred who want one time,
    those who come after the first has it need not wait for one another. Whatever is not as plain as that is left to
    ``schedule.claim``. Raises SlotTaken."""
    if not timedelta() < starts_at - now() < FURTHEST:
        return
    there: UUID | None = await tx.value(
        f"""
        SELECT id FROM appointments
        WHERE doctor_id = :doctor_id AND {BUSY} && tstzrange(:starts_at, :starts_at, '[]') AND placed = 'booked'
            AND status IN {LIVE} AND starts_at = :starts_at AND mode = :mode AND patient_id <> :patient
            AND (hold_expires_at IS NULL OR hold_expires_at > now())
        """,
        doctor_id=doctor_id,
        mode=mode,
        starts_at=starts_at,
        patient=patient,
    )
    if there is None:
        return
    just_then = starts_at + timedelta(microseconds=1)
    but_for_it = await schedule.free_times(
        tx, [doctor_id], from_at=starts_at, to_at=just_then, mode=mode, patient=patient, but=there
    )
    if but_for_it:
        raise SlotTaken(alternatives=await schedule.next_free(tx, doctor_id, mode, starts_at, patient=patient))
