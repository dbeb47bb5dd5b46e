from collections.abc import Sequence
from datetime import date, time
from uuid import UUID

from svastha.domain.schedule.model import MODES, Mode, TimesChanged
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce


async def add_exception(
    tx: ClinicTx,
    doctor_id: UUID,
    day: date,
    *,
    closed: bool,
    opens: time | None = None,
    closes: time | None = None,
    modes: Sequence[Mode] = MODES,
) -> None:
    """Closed between two times of a day, or the whole of it; or open beyond the weekly hours."""
    await tx.run("SELECT 1 FROM practitioners WHERE doctor_id = :doctor_id FOR NO KEY UPDATE", doctor_id=doctor_id)
    await tx.run(
        "INSERT INTO exceptions (id, doctor_id, day, closed, opens, closes, modes)"
        " VALUES (:id, :doctor_id, :day, :closed, :opens, :closes, :modes)",
        id=uuid7(),
        doctor_id=doctor_id,
        day=day,
        closed=closed,
        opens=opens,
        closes=closes,
        modes=list(modes),
    )
    announce(tx, TimesChanged(doctor_id))
