"""When and where a doctor can be seen here: weekly hours, exceptions, leave, rooms, and what of it is still free.

Owns: practitioners, offers, weekly_hours, weekly_breaks, exceptions, leaves, house_rules, branches, branch_hours,
resources, holidays.
Announces: TimesChanged, LeaveTaken, LeaveEnded.
"""

from svastha.domain.schedule.access import seen_by
from svastha.domain.schedule.affected import Affected, AffectedVisit, DayChange, affected
from svastha.domain.schedule.availability import Availability, AvailabilityChanged, availability, set_availability
from svastha.domain.schedule.branches import Branch, BranchHours, branches, change_branch, close_branch, open_branch
from svastha.domain.schedule.claim import (
    AlreadyBooked,
    Bookable,
    NotInArea,
    NotOffered,
    Place,
    SlotTaken,
    claim,
    locked,
    squeeze,
)
from svastha.domain.schedule.diary import Diary, Different, diary
from svastha.domain.schedule.exceptions import Exceptional, Repeats, add_exception, exceptions, remove_exception
from svastha.domain.schedule.follow import follow
from svastha.domain.schedule.free import BUSY, LIVE, FreeTime, free_times, free_times_told, next_free
from svastha.domain.schedule.free_days import DayLeft, Days, days_around, free_days
from svastha.domain.schedule.holidays import Holiday, add_holiday, holidays, remove_holiday
from svastha.domain.schedule.hours import Break, Hours, set_weekly_hours, weekly_breaks, weekly_hours
from svastha.domain.schedule.leave import Leave, LeaveEnded, LeaveTaken, end_leave, leave, leaves, take_leave
from svastha.domain.schedule.model import MODES, HouseRules, Mode, Offer, Practitioner, TimesChanged
from svastha.domain.schedule.offers import offers_of, set_offers
from svastha.domain.schedule.open import OpenPiece, open_pieces
from svastha.domain.schedule.practise import know_specialties, practise, practitioner, practitioners
from svastha.domain.schedule.resources import Resource, ResourceKind, add_resource, resources, retire_resource
from svastha.domain.schedule.rules import RULES, house_rules, set_house_rules
from svastha.domain.schedule.working_rules import working_rules

__all__ = [
    "BUSY",
    "LIVE",
    "MODES",
    "RULES",
    "Affected",
    "AffectedVisit",
    "AlreadyBooked",
    "Availability",
    "AvailabilityChanged",
    "Bookable",
    "Branch",
    "BranchHours",
    "Break",
    "DayChange",
    "DayLeft",
    "Days",
    "Diary",
    "Different",
    "Exceptional",
    "FreeTime",
    "Holiday",
    "Hours",
    "HouseRules",
    "Leave",
    "LeaveEnded",
    "LeaveTaken",
    "Mode",
    "NotInArea",
    "NotOffered",
    "Offer",
    "OpenPiece",
    "Place",
    "Practitioner",
    "Repeats",
    "Resource",
    "ResourceKind",
    "SlotTaken",
    "TimesChanged",
    "add_exception",
    "add_holiday",
    "add_resource",
    "affected",
    "availability",
    "branches",
    "change_branch",
    "claim",
    "close_branch",
    "days_around",
    "diary",
    "end_leave",
    "exceptions",
    "follow",
    "free_days",
    "free_times",
    "free_times_told",
    "holidays",
    "house_rules",
    "know_specialties",
    "leave",
    "leaves",
    "locked",
    "next_free",
    "offers_of",
    "open_branch",
    "open_pieces",
    "practise",
    "practitioner",
    "practitioners",
    "remove_exception",
    "remove_holiday",
    "resources",
    "retire_resource",
    "seen_by",
    "set_availability",
    "set_house_rules",
    "set_offers",
    "set_weekly_hours",
    "squeeze",
    "take_leave",
    "weekly_breaks",
    "weekly_hours",
    "working_rules",
]
