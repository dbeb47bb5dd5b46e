from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import for_verification, seen_by
from svastha.domain.appointments.model import Appointment
from svastha.domain.appointments.move import move
from svastha.domain.appointments.typed import typed
from svastha.domain.schedule import Mode
from svastha.kit.db import ClinicTx


async def reschedule(
    tx: ClinicTx,
    actor: Actor,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    doctor_id: UUID | None = None,
    mode: Mode | None = None,
    why: str | None = None,
    for_patient: bool = False,
    if_version: int | None = None,
) -> Appointment:
    """Move a visit: by its patient until it begins, by its doctor or the desk until it would be over. Raises what
    ``move`` does.

    ``why`` is for the patient to read; what she herself says of it is not kept. Where the clinic moves it nothing is
    owed, unless she asked for it: ``for_patient``.
    """
    seen = await seen_by(tx, actor, appointment_id)
    await move(
        tx,
        appointment_id,
        starts_at=starts_at,
        by=actor.account_id,
        doctor_id=doctor_id,
        mode=mode,
        why=None if seen.as_patient else typed(why),
        for_patient=seen.as_patient or for_patient,
        if_version=if_version,
    )
    # Not as seen by the actor: a doctor who gave it to another one sees it no more.
    return msgspec.structs.replace(
        await for_verification(tx, appointment_id),
        reason=seen.appointment.reason,
        as_guardian=seen.appointment.as_guardian,
        guardians=seen.appointment.guardians,
    )
