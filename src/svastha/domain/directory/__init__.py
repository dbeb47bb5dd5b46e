"""What somebody who looks for a doctor can find, across clinics. Lives in the control database.

Clinics publish what a doctor offers there and which days are free; a search reads that copy and never asks a clinic.
How what people type is understood is data too: ``search_terms``, and every word that a doctor can be found by.

Owns: specialties, languages, search_fillers, search_terms, search_words, listings, listing_offers, listing_days,
directory_entries, working_hours.
Announces: nothing.
"""

from svastha.domain.directory.model import (
    DoctorCard,
    FreeDay,
    Language,
    ListedClinic,
    ListedMode,
    Mode,
    Offer,
    Query,
    Sort,
    Specialty,
)
from svastha.domain.directory.publish_listing import publish_listing
from svastha.domain.directory.publish_times import keep_others_out, publish_times
from svastha.domain.directory.read import doctor, every_language, languages, places_of, specialties
from svastha.domain.directory.refresh import refresh, refresh_clinic
from svastha.domain.directory.search import Found, count, found, search
from svastha.domain.directory.withdraw import withdraw
from svastha.domain.directory.working_hours import WorksElsewhere, claim_hours, publish_hours, works_elsewhere

__all__ = [
    "DoctorCard",
    "Found",
    "FreeDay",
    "Language",
    "ListedClinic",
    "ListedMode",
    "Mode",
    "Offer",
    "Query",
    "Sort",
    "Specialty",
    "WorksElsewhere",
    "claim_hours",
    "count",
    "doctor",
    "every_language",
    "found",
    "keep_others_out",
    "languages",
    "places_of",
    "publish_hours",
    "publish_listing",
    "publish_times",
    "refresh",
    "refresh_clinic",
    "search",
    "specialties",
    "withdraw",
    "works_elsewhere",
]
