from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.doctors.application import mine, seen_by
from svastha.domain.doctors.check import missing
from svastha.domain.doctors.claim import claim
from svastha.domain.doctors.model import Application
from svastha.domain.doctors.refusals import NotNow, RegistrationTaken
from svastha.domain.doctors.step import step
from svastha.kit.db import ControlTx
from svastha.kit.refusals import Invalid


async def submit(tx: ControlTx, actor: Actor) -> Application:
    """Hand it in, or hand it in again after more was wanted. Raises Invalid naming all that is missing."""
    application = await seen_by(tx, actor, actor.account_id, lock=True)
    if application.state not in ("draft", "more_wanted"):
        raise NotNow
    if errors := missing(application):
        raise Invalid(*errors)
    await claim(tx, actor.account_id)
    async with tx.refusing(one_doctor_per_registration=RegistrationTaken):
        await tx.run("UPDATE doctors SET state = 'submitted', state_since = now() WHERE id = :id", id=actor.account_id)
    await step(tx, actor.account_id, "submit", actor.account_id)
    audit.note(tx, actor.account_id, "submit", "doctor", actor.account_id, whose=actor.account_id)
    return await mine(tx, actor)
