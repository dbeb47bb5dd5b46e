from datetime import datetime, time, timedelta
from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor, forget
from svastha.domain.doctors.application import seen_by
from svastha.domain.doctors.model import (
    DECISIONS,
    NEEDS_REASON,
    Application,
    Decision,
    DoctorChanged,
    DoctorDecided,
    RegistrationEnds,
)
from svastha.domain.doctors.refusals import ChangedMeanwhile, NotNow, OwnApplication, RegistrationTaken
from svastha.domain.doctors.step import step
from svastha.kit.clock import now, zone
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce, later
from svastha.kit.refusals import FieldError, Invalid, NotFound

LONGEST_REASON = 1000
INDIA = zone("Asia/Kolkata")
NOTICE = timedelta(days=30)
TOLD: dict[Decision, str] = {
    "verify": "doctor_verified",
    "ask_for_more": "doctor_more_wanted",
    "refuse": "doctor_refused",
    "suspend": "doctor_suspended",
    "reinstate": "doctor_reinstated",
}


async def decide(
    tx: ControlTx,
    actor: Actor,
    doctor_id: UUID,
    decision: Decision,
    *,
    reason: str = "",
    version: int | None = None,
) -> Application:
    """One decision about an application; she reads ``reason``. ``version``: of the application that was looked at."""
    if not actor.may("doctor.verify"):
        raise NotFound
    if actor.account_id == doctor_id:
        raise OwnApplication
    reason = reason.replace("\r\n", "\n").strip()
    if decision in NEEDS_REASON and not reason:
        raise Invalid(FieldError("reason", N_("Please say why. The doctor reads it.")))
    if len(reason) > LONGEST_REASON:
        raise Invalid(FieldError("reason", N_("Please be brief: at most 1,000 characters.")))
    application = await seen_by(tx, actor, doctor_id, lock=True)
    state = DECISIONS[application.state].get(decision)
    if state is None:
        raise NotNow
    if version is not None and version != application.version:
        raise ChangedMeanwhile
    async with tx.refusing(one_doctor_per_registration=RegistrationTaken):
        await tx.run(
            """
            UPDATE doctors SET state = :state, state_since = now(),
                verified_at = CASE WHEN :state IN ('verified', 'suspended') THEN coalesce(verified_at, now()) END,
                suspended_at = CASE WHEN :state = 'suspended' THEN now() END
            WHERE id = :id
            """,
            id=doctor_id,
            state=state,
        )
    await step(tx, doctor_id, decision, actor.account_id, reason or None)
    audit.note(tx, actor.account_id, decision, "doctor", doctor_id, whose=doctor_id)
    forget(tx, doctor_id)
    announce(tx, DoctorChanged(doctor_id))
    announce(tx, DoctorDecided(doctor_id, TOLD[decision]))
    if state == "verified" and application.valid_to:
        ends = RegistrationEnds(doctor_id, application.valid_to)
        over = datetime.combine(application.valid_to + timedelta(days=1), time(0, 1), INDIA)
        for at in (over - NOTICE, over):
            if at > now():
                later(tx, ends, run_at=at, key=f"{doctor_id}/{application.valid_to}/{at.date()}")
    return await seen_by(tx, actor, doctor_id)
