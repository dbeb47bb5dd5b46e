from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import schedule
from svastha.domain.schedule import Mode, SlotTaken
from svastha.kit.db import ClinicTx


async def look_first(
    tx: ClinicTx, *, doctor_id: UUID, mode: Mode, starts_at: datetime, patient: UUID, there: UUID
) -> None:
    """Refuse what anybody can see is gone, without queueing for the doctor's lock: of two hundred who want one time,
    those who come after the first has it need not wait for one another. Whatever is not as plain as that is left to
    ``schedule.claim``. ``there``: the visit of somebody else. Raises SlotTaken."""
    just_then = starts_at + timedelta(microseconds=1)
    but_for_it = await schedule.free_times(
        tx, [doctor_id], from_at=starts_at, to_at=just_then, mode=mode, patient=patient, but=there
    )
    if but_for_it:
        raise SlotTaken(alternatives=await schedule.next_free(tx, doctor_id, mode, starts_at, patient=patient))
