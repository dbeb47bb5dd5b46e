"""What a patient hears of her request when it does not become a visit. When it does, see ``tell_booked``."""

from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.model import AppointmentDeclined
from svastha.domain.appointments.tell import tell
from svastha.kit.db import ClinicTx


async def tell_declined(tx: ClinicTx, event: AppointmentDeclined, *, site: str) -> None:
    """The reason stands on the page of the visit, not in a message: it is for her alone."""
    visit = await for_verification(tx, event.appointment_id)
    await tell(tx, visit, "visit_declined" if visit.status == "declined" else "visit_unanswered", site=site)
