from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain.appointments import Appointment
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Stale
from svastha.kit.sealed import Sealed

SEALED = (
    Sealed("notes", "content", "appointment_id", "appointment_id || '/' || version"),
    Sealed(
        "chat_lines",
        "content",
        row="appointment_id || '/' || id || '/' || CASE WHEN by_doctor THEN 'doctor' ELSE 'patient' END",
    ),
)

LONGEST_FIELD = 20_000
LONGEST_LINE = 2_000

Who = Literal["doctor", "patient"]

# A note may be prepared before the visit and finished after it; not for a visit that does not take place.
WRITTEN_IN = ("confirmed", "checked_in", "in_progress", "completed", "no_show")


class NoteFields(msgspec.Struct, frozen=True):
    """SOAP, with the Ayurvedic examination by name. Each at most 20,000 characters."""

    subjective: str = ""
    objective: str = ""
    jihva: str = ""
    agni: str = ""
    mala: str = ""
    nadi: str = ""
    assessment: str = ""
    plan: str = ""


class Note(NoteFields, frozen=True, forbid_unknown_fields=True):
    """The note as it is now. ``version`` 0: nothing was written yet. Signed means locked for ever."""

    version: int = 0
    saved_at: datetime | None = None
    signed_at: datetime | None = None

    @property
    def fields(self) -> NoteFields:
        return NoteFields(**{name: getattr(self, name) for name in NoteFields.__struct_fields__})


class Admission(msgspec.Struct, frozen=True):
    """The right to be in the call of a visit, and on which side."""

    appointment: Appointment
    who: Who


class ChatLine(msgspec.Struct, frozen=True):
    id: UUID
    who: Who
    name: str
    text: str
    at: datetime


class LogLine(msgspec.Struct, frozen=True):
    """``event``: admitted, joined, left or mode. ``detail`` says how, never what was said."""

    at: datetime
    who: Who
    event: str
    detail: str


class NotAdmitted(Conflict):
    code = "not_admitted"
    says = N_("The doctor has not opened the call yet, or it is over.")


class NotWritten(Conflict):
    code = "visit_not_open"
    says = N_("Nothing is written for a visit that does not take place.")


class NoteSigned(Conflict):
    code = "note_signed"
    says = N_("This note is signed and can no longer be changed.")


class NothingToSign(Conflict):
    code = "nothing_to_sign"
    says = N_("There is no note to sign yet.")


class NoteChanged(Stale):
    """Carries the newer one as ``version`` and ``fields``."""

    commits = True  # that the newer one was shown
    code = "note_changed"
    says = N_("This note was changed in another window.")
