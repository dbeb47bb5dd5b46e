from datetime import datetime
from uuid import UUID

import msgspec

from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Forbidden, Stale
from svastha.kit.sealed import Sealed

SEALED = (
    Sealed("prescriptions", "content", row="appointment_id || '/' || version"),
    Sealed("prescriptions", "document", row="appointment_id", at_once=20),
)

MOST_ITEMS = 60

# A prescription may be prepared before the visit; it is signed when the patient has been seen.
WRITTEN_IN = ("confirmed", "checked_in", "in_progress", "completed")
SIGNED_IN = ("in_progress", "completed")


class RxItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One medicine. ``form``, ``kala`` (when to take it) and ``anupana`` (what with) are codes of ``terms``, or the
    doctor's own words. ``days`` 0: not said."""

    medicine: str = ""
    form: str = ""
    dose: str = ""
    kala: str = ""
    anupana: str = ""
    days: int = 0
    instructions: str = ""


class Rx(msgspec.Struct, frozen=True):
    items: tuple[RxItem, ...] = ()
    diagnosis: str = ""
    diet: str = ""
    advice: str = ""
    follow_up: str = ""

    @property
    def empty(self) -> bool:
        return not (self.items or self.diet.strip() or self.advice.strip())


class Prescription(Rx, frozen=True, forbid_unknown_fields=True):
    """The prescription as it is now. ``version`` 0: nothing was written yet. ``code`` and ``verify_path`` lead anybody
    to the page that tells whether the signed document, of this ``sha256``, is genuine."""

    version: int = 0
    signed_at: datetime | None = None
    code: str | None = None
    verify_path: str | None = None
    sha256: str | None = None

    @property
    def rx(self) -> Rx:
        return Rx(**{name: getattr(self, name) for name in Rx.__struct_fields__})


class Verified(msgspec.Struct, frozen=True):
    """What anybody may know who holds a signed document: who signed it, where and when. Nothing of the patient.
    ``matches`` compares the file at hand with the one that was signed; None if there was no file."""

    code: str
    doctor_name: str
    council: str
    registration_no: str
    clinic: str
    signed_at: datetime
    sha256: str
    matches: bool | None


class PrescriptionSigned(msgspec.Struct, frozen=True):
    appointment_id: UUID


class NotVerified(Forbidden):
    code = "doctor_not_verified"
    says = N_("Only a doctor whose registration is verified signs prescriptions.")


class NotWritten(Conflict):
    code = "visit_not_open"
    says = N_("Nothing is written for a visit that does not take place.")


class NotSeenYet(Conflict):
    code = "patient_not_seen"
    says = N_("A prescription is signed during the visit or after it.")


class PrescriptionLocked(Conflict):
    code = "prescription_signed"
    says = N_("This prescription is signed and can no longer be changed.")


class PrescriptionChanged(Stale):
    """Carries the newer one as ``version`` and ``fields``."""

    commits = True  # that the newer one was shown
    code = "prescription_changed"
    says = N_("This prescription was changed in another window.")
