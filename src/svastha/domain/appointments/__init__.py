"""A visit, from the chosen time to its end.

Owns: appointments, appointment_steps, reservations, policies, displacements, reminders, visit_links.
Announces: AppointmentHeld, AppointmentRequested, AppointmentBooked, AppointmentDeclined, AppointmentRescheduled,
AppointmentCancelled, AppointmentMoved, AppointmentAdvanced, SeriesBooked, VisitDisplaced, VisitStands, HoldEnds,
Remind, SaidLate.
"""

from svastha.domain.appointments.access import attended_by, for_record, for_verification, seen_by, shared_by
from svastha.domain.appointments.advance import advance
from svastha.domain.appointments.alternatives import Alternative, alternatives
from svastha.domain.appointments.book import book
from svastha.domain.appointments.book_series import SeriesRefused, book_series
from svastha.domain.appointments.by_link import LATE_CHOICES, cancel_by_link, move_by_link, say_coming, say_late
from svastha.domain.appointments.cancel import cancel
from svastha.domain.appointments.cancel_rest import cancel_rest
from svastha.domain.appointments.charge import Act, Cost, cost_of
from svastha.domain.appointments.check_in import check_in
from svastha.domain.appointments.confirm import confirm
from svastha.domain.appointments.decline import decline
from svastha.domain.appointments.displace import displace, stand
from svastha.domain.appointments.displaced import Away, Displaced, Unanswered, away, unanswered
from svastha.domain.appointments.expire import expire_hold
from svastha.domain.appointments.follow_up import follow_up
from svastha.domain.appointments.hand_over import hand_over
from svastha.domain.appointments.hold import hold
from svastha.domain.appointments.invitation import calendar_entry, invitation, status_of
from svastha.domain.appointments.links import Link, Purpose, Token, followed, leads_to, links_for, token_of
from svastha.domain.appointments.model import (
    MOVABLE,
    NEXT,
    SEALED,
    Appointment,
    AppointmentAdvanced,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentDeclined,
    AppointmentHeld,
    AppointmentMoved,
    AppointmentRequested,
    AppointmentRescheduled,
    DoctorOnly,
    HoldEnds,
    Kind,
    MovedMeanwhile,
    NotPossibleNow,
    NotYours,
    Placed,
    Remind,
    SaidLate,
    SeriesBooked,
    Status,
    Step,
    Visit,
    VisitDisplaced,
    VisitStands,
)
from svastha.domain.appointments.move import move
from svastha.domain.appointments.no_show import no_show
from svastha.domain.appointments.offer import let_go, offer
from svastha.domain.appointments.policy import Policy, Terms, policy_in_force, policy_of, terms, terms_of
from svastha.domain.appointments.quiet import quiet_since, quiet_until
from svastha.domain.appointments.read import (
    Place,
    any_to_come,
    at_that_time,
    day_of_clinic,
    day_of_doctor,
    listed,
    of_account,
    of_patients,
    past_of_patient,
    steps,
)
from svastha.domain.appointments.release import release
from svastha.domain.appointments.remind import plan_anew, plan_reminders, remind
from svastha.domain.appointments.requests import requests
from svastha.domain.appointments.reschedule import reschedule
from svastha.domain.appointments.set_policy import set_policy
from svastha.domain.appointments.squeeze_in import squeeze_in
from svastha.domain.appointments.stranded import stranded
from svastha.domain.appointments.tell import tell_booked, tell_cancelled, tell_moved
from svastha.domain.appointments.tell_answer import tell_declined
from svastha.domain.appointments.tell_displaced import tell_displaced, tell_stands
from svastha.domain.appointments.tell_series import tell_series
from svastha.domain.appointments.undo_check_in import undo_check_in
from svastha.domain.appointments.walk_in import walk_in

__all__ = [
    "LATE_CHOICES",
    "MOVABLE",
    "NEXT",
    "SEALED",
    "Act",
    "Alternative",
    "Appointment",
    "AppointmentAdvanced",
    "AppointmentBooked",
    "AppointmentCancelled",
    "AppointmentDeclined",
    "AppointmentHeld",
    "AppointmentMoved",
    "AppointmentRequested",
    "AppointmentRescheduled",
    "Away",
    "Cost",
    "Displaced",
    "DoctorOnly",
    "HoldEnds",
    "Kind",
    "Link",
    "MovedMeanwhile",
    "NotPossibleNow",
    "NotYours",
    "Place",
    "Placed",
    "Policy",
    "Purpose",
    "Remind",
    "SaidLate",
    "SeriesBooked",
    "SeriesRefused",
    "Status",
    "Step",
    "Terms",
    "Token",
    "Unanswered",
    "Visit",
    "VisitDisplaced",
    "VisitStands",
    "advance",
    "alternatives",
    "any_to_come",
    "at_that_time",
    "attended_by",
    "away",
    "book",
    "book_series",
    "calendar_entry",
    "cancel",
    "cancel_by_link",
    "cancel_rest",
    "check_in",
    "confirm",
    "cost_of",
    "day_of_clinic",
    "day_of_doctor",
    "decline",
    "displace",
    "expire_hold",
    "follow_up",
    "followed",
    "for_record",
    "for_verification",
    "hand_over",
    "hold",
    "invitation",
    "leads_to",
    "let_go",
    "links_for",
    "listed",
    "move",
    "move_by_link",
    "no_show",
    "of_account",
    "of_patients",
    "offer",
    "past_of_patient",
    "plan_anew",
    "plan_reminders",
    "policy_in_force",
    "policy_of",
    "quiet_since",
    "quiet_until",
    "release",
    "remind",
    "requests",
    "reschedule",
    "say_coming",
    "say_late",
    "seen_by",
    "set_policy",
    "shared_by",
    "squeeze_in",
    "stand",
    "status_of",
    "steps",
    "stranded",
    "tell_booked",
    "tell_cancelled",
    "tell_declined",
    "tell_displaced",
    "tell_moved",
    "tell_series",
    "tell_stands",
    "terms",
    "terms_of",
    "token_of",
    "unanswered",
    "undo_check_in",
    "walk_in",
]
