"""A visit, from the chosen time to its end.

Owns: appointments, appointment_steps.
Announces: AppointmentHeld, AppointmentBooked, AppointmentCancelled, AppointmentMoved, HoldEnds, Remind.
"""

from svastha.domain.appointments.access import attended_by, for_record, for_verification, seen_by, shared_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.book import book
from svastha.domain.appointments.cancel import cancel
from svastha.domain.appointments.check_in import check_in
from svastha.domain.appointments.expire import expire_hold
from svastha.domain.appointments.hold import hold
from svastha.domain.appointments.invitation import invitation
from svastha.domain.appointments.model import (
    SEALED,
    Appointment,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
    DoctorOnly,
    HoldEnds,
    NotYours,
    Remind,
    Step,
    Visit,
)
from svastha.domain.appointments.no_show import no_show
from svastha.domain.appointments.read import (
    Place,
    any_to_come,
    day_of_clinic,
    day_of_doctor,
    listed,
    of_account,
    past_of_patient,
    steps,
)
from svastha.domain.appointments.release import release
from svastha.domain.appointments.remind import plan_reminders, remind
from svastha.domain.appointments.stranded import stranded
from svastha.domain.appointments.tell import tell_booked, tell_cancelled

__all__ = [
    "SEALED",
    "Appointment",
    "AppointmentBooked",
    "AppointmentCancelled",
    "AppointmentHeld",
    "AppointmentMoved",
    "DoctorOnly",
    "HoldEnds",
    "NotYours",
    "Place",
    "Remind",
    "Step",
    "Visit",
    "advance",
    "any_to_come",
    "attended_by",
    "book",
    "cancel",
    "check_in",
    "day_of_clinic",
    "day_of_doctor",
    "expire_hold",
    "for_record",
    "for_verification",
    "hold",
    "invitation",
    "listed",
    "no_show",
    "of_account",
    "past_of_patient",
    "plan_reminders",
    "release",
    "remind",
    "seen_by",
    "shared_by",
    "steps",
    "stranded",
    "tell_booked",
    "tell_cancelled",
]
