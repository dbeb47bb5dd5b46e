"""What is owed for a visit that does not take place as it was booked, by the policy it was booked under.

Nobody pays here: the percentage is fixed when it happens, for whoever writes the bill.
"""

from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain.appointments.access import due
from svastha.domain.appointments.model import Appointment, Status
from svastha.kit.db import ClinicTx

Act = Literal["cancelled", "rescheduled", "no_show"]


class Cost(msgspec.Struct, frozen=True):
    """``late``: after the time until which it is free. ``charge_percent`` of the fee are owed, ``fee_due_paise``."""

    late: bool
    charge_percent: int
    fee_due_paise: int


class _Known(msgspec.Struct, frozen=True):
    status: Status
    late: bool
    doctor_away: bool
    late_percent: int
    no_show_percent: int
    of_moves: int | None  # owed already for late moves


async def cost_of(tx: ClinicTx, visit: Appointment, act: Act) -> Cost:
    """If the patient did this now."""
    known = await _known(tx, visit.id)
    percent = _percent(known, act, free=False) or 0
    return Cost(known.late, percent, due(visit.fee_paise, percent) or 0)


async def charged(tx: ClinicTx, appointment_id: UUID, to: Status | Act, *, free: bool) -> int | None:
    """``charge_percent`` of the visit once it is that. ``free``: it is the clinic that wants it. The caller has locked
    the visit."""
    return _percent(await _known(tx, appointment_id), to, free=free)


def _percent(known: _Known, to: Status | Act, *, free: bool) -> int | None:
    """A request nobody has confirmed costs nothing, nor does what the absence of the doctor brings about."""
    over = to in ("cancelled", "no_show")
    if over and (free or known.doctor_away):
        return 0
    owed = known.of_moves or 0
    if not (free or known.doctor_away or known.status in ("held", "requested")):
        late = known.late_percent if known.late else 0
        owed = max(owed, {"cancelled": late, "rescheduled": late, "no_show": known.no_show_percent}.get(to, 0))
    return owed if over else owed or None


async def _known(tx: ClinicTx, appointment_id: UUID) -> _Known:
    return await tx.one(
        _Known,
        """
        SELECT a.status, now() > a.starts_at - p.free_until AS late,
            EXISTS (SELECT FROM displacements d WHERE d.appointment_id = a.id AND d.answered_at IS NULL)
                OR (a.placed = 'booked' AND EXISTS (SELECT FROM leaves l WHERE l.doctor_id = a.doctor_id
                    AND l.ended_at IS NULL AND tstzrange(l.starts_at, l.ends_at) && tstzrange(a.starts_at, a.ends_at)))
                AS doctor_away,
            p.late_percent, p.no_show_percent,
            (SELECT max(s.charge_percent) FROM appointment_steps s
                WHERE s.appointment_id = a.id AND s.status = 'rescheduled') AS of_moves
        FROM appointments a JOIN policies p ON p.version = a.policy WHERE a.id = :id
        """,
        id=appointment_id,
    )
