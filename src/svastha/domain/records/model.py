from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain.appointments import Appointment
from svastha.domain.consultations import Note
from svastha.domain.prescriptions import Prescription
from svastha.kit.sealed import Sealed

SEALED = (Sealed("openings", "reason", row="id"), Sealed("openings", "remark", row="id"))

OPEN_FOR = timedelta(hours=1)
# How long after a visit a doctor still cares for the patient. Our own policy, not law.
CARES_FOR = timedelta(days=180)


class Entry(msgspec.Struct, frozen=True):
    """One visit, with what was signed in it."""

    visit: Appointment
    note: Note | None
    prescription: Prescription | None


class Record(msgspec.Struct, frozen=True):
    """``open_until`` is set where the glass was broken; None for a doctor who cares for her."""

    patient_id: UUID
    name: str
    birth_date: date | None
    sex: str | None
    city: str
    entries: list[Entry]
    open_until: datetime | None


class Opening(msgspec.Struct, frozen=True):
    id: UUID
    patient_id: UUID
    patient_name: str
    account_id: UUID
    account_name: str
    reason: str
    opened_at: datetime
    open_until: datetime
    reviewed_at: datetime | None
    reviewer_name: str | None
    verdict: str | None
    remark: str


class GlassBroken(msgspec.Struct, frozen=True):
    """For whoever runs the clinic."""

    opening_id: UUID
    account_id: UUID
