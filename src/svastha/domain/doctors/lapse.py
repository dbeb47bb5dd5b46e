from svastha.domain import notifications
from svastha.domain.doctors.model import DoctorChanged, DoctorDecided, RegistrationEnds
from svastha.domain.doctors.read import may_practise
from svastha.domain.doctors.step import step
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce


async def lapse(tx: ControlTx, event: RegistrationEnds) -> None:
    """Says that a registration ends soon, or has ended. That it counts no more needs nobody to say so: every look at
    ``may_practise`` asks the calendar."""
    still = await tx.value(
        "SELECT state = 'verified' AND valid_to = :valid_to FROM doctors WHERE id = :id FOR NO KEY UPDATE",
        id=event.doctor_id,
        valid_to=event.valid_to,
    )
    if not still:
        return
    if await may_practise(tx, event.doctor_id):
        announce(tx, DoctorDecided(event.doctor_id, "doctor_registration_ends"))
        return
    await step(tx, event.doctor_id, "lapse", None)
    announce(tx, DoctorChanged(event.doctor_id))
    announce(tx, DoctorDecided(event.doctor_id, "doctor_registration_ended"))


async def tell_doctor(tx: ControlTx, event: DoctorDecided, *, site: str) -> None:
    """That something was decided. What, and why, she reads after signing in."""
    person = await notifications.recipient_of(tx, event.doctor_id)
    name: str = await tx.value("SELECT name FROM doctors WHERE id = :id", id=event.doctor_id)
    await notifications.send(tx, person, event.template, name=name, url=f"{site}/doctor/onboarding")
