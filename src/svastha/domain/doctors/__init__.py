"""Who may practise: doctors, their registration, and its verification.

Owns: doctors, councils, verifications, registration_clashes, doctor_documents.
Announces: DoctorChanged, DoctorDecided, RegistrationEnds.
"""

from svastha.domain.doctors.application import mine, seen_by
from svastha.domain.doctors.check import missing
from svastha.domain.doctors.decide import decide
from svastha.domain.doctors.desk import Clash, Listed, Place, clashes, counted, listed
from svastha.domain.doctors.documents import Opened, open_document, put_document
from svastha.domain.doctors.lapse import lapse, tell_doctor
from svastha.domain.doctors.model import (
    DECISIONS,
    DEGREES,
    KINDS,
    SEALED,
    Application,
    Changes,
    Council,
    Decision,
    Degree,
    Doctor,
    DoctorChanged,
    DoctorDecided,
    Document,
    Kind,
    RegistrationEnds,
    State,
)
from svastha.domain.doctors.ports import Scanner
from svastha.domain.doctors.read import councils, known, may_be_booked, may_practise, verified
from svastha.domain.doctors.refusals import UnsafeDocument
from svastha.domain.doctors.register import register
from svastha.domain.doctors.save import save
from svastha.domain.doctors.submit import submit
from svastha.domain.doctors.verify import verify

__all__ = [
    "DECISIONS",
    "DEGREES",
    "KINDS",
    "SEALED",
    "Application",
    "Changes",
    "Clash",
    "Council",
    "Decision",
    "Degree",
    "Doctor",
    "DoctorChanged",
    "DoctorDecided",
    "Document",
    "Kind",
    "Listed",
    "Opened",
    "Place",
    "RegistrationEnds",
    "Scanner",
    "State",
    "UnsafeDocument",
    "clashes",
    "councils",
    "counted",
    "decide",
    "known",
    "lapse",
    "listed",
    "may_be_booked",
    "may_practise",
    "mine",
    "missing",
    "open_document",
    "put_document",
    "register",
    "save",
    "seen_by",
    "submit",
    "tell_doctor",
    "verified",
    "verify",
]
