from uuid import UUID

from svastha.domain import clinics, doctors, prescriptions
from svastha.domain.doctors import Doctor
from svastha.domain.prescriptions import Prescription
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.kit.refusals import NotFound


async def sign_prescription(
    request: Asked, clinic: str, appointment_id: UUID, *, if_version: int | None = None
) -> Prescription:
    """Sign as the person who asks; what the sheet says of her and of the clinic comes from the control database."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    doctor: Doctor | None = None
    async with house.routing.reading_control() as control:
        card = await clinics.by_slug(control, clinic)
        try:
            doctor = await doctors.known(control, actor.account_id)
        except NotFound:
            pass  # the verb refuses, in the right order: what she may not see is not found, not forbidden
    async with visit.to_clinic(house, clinic) as tx:
        return await prescriptions.sign(
            tx,
            actor,
            appointment_id,
            doctor=doctor,
            clinic=card,
            site=house.settings.url,
            if_version=if_version,
        )
