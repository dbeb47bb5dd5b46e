"""When a doctor can be seen here: weekly hours, exceptions, and what of it is still free.

Owns: practitioners, offers, weekly_hours, exceptions.
Announces: TimesChanged.
"""

from svastha.domain.schedule.claim import AlreadyBooked, NotOffered, Place, SlotTaken, claim
from svastha.domain.schedule.exceptions import add_exception
from svastha.domain.schedule.follow import follow
from svastha.domain.schedule.free import FreeTime, free_times, next_free
from svastha.domain.schedule.hours import Hours, set_weekly_hours, weekly_hours
from svastha.domain.schedule.model import MODES, Mode, Offer, Practitioner, TimesChanged
from svastha.domain.schedule.practise import offers_of, practise, practitioner, practitioners

__all__ = [
    "MODES",
    "AlreadyBooked",
    "FreeTime",
    "Hours",
    "Mode",
    "NotOffered",
    "Offer",
    "Place",
    "Practitioner",
    "SlotTaken",
    "TimesChanged",
    "add_exception",
    "claim",
    "follow",
    "free_times",
    "next_free",
    "offers_of",
    "practise",
    "practitioner",
    "practitioners",
    "set_weekly_hours",
    "weekly_hours",
]
