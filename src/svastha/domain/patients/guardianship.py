"""Who acts for whom. The relation is looked at in the query that fetches the thing itself: one that has ended counts
nowhere from that moment."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, NotFound, TooMany
from svastha.kit.sealed import Sealed

SEALED = (Sealed("guardian_invitations", "sealed"),)

# What the guardian is to the patient.
RELATIONS = {
    "mother": N_("Mother"),
    "father": N_("Father"),
    "daughter": N_("Daughter"),
    "son": N_("Son"),
    "wife": N_("Wife"),
    "husband": N_("Husband"),
    "sister": N_("Sister"),
    "brother": N_("Brother"),
    "grandmother": N_("Grandmother"),
    "grandfather": N_("Grandfather"),
    "relative": N_("Another relative"),
    "legal_guardian": N_("Legal guardian"),
    "carer": N_("Carer"),
}
SEXES = ("female", "male", "other")

# Parts of larger queries. Of a guardianship ``g``; and the patients an account, ``:me``, is or acts for.
ACTIVE = "g.valid_from <= now() AND (g.valid_until IS NULL OR g.valid_until > now())"
HERS = (
    "ARRAY(SELECT id FROM patients WHERE account_id = :me UNION ALL"
    f" SELECT g.patient_id FROM guardianships g WHERE g.account_id = :me AND {ACTIVE})"
)


class Guardian(msgspec.Struct, frozen=True):
    """Who acts for a patient. ``relation``: what she is to the patient, see ``RELATIONS``."""

    id: UUID
    account_id: UUID
    name: str
    relation: str
    valid_from: datetime
    valid_until: datetime | None
    active: bool = True


class Dependant(msgspec.Struct, frozen=True):
    """A patient whom the actor acts for. ``id`` is of the guardianship."""

    id: UUID
    patient_id: UUID
    name: str
    birth_date: date | None
    sex: str | None
    relation: str
    valid_until: datetime | None
    may_invite: bool


class GuardianInvitation(msgspec.Struct, frozen=True):
    """As whoever invited sees it: not accepted yet."""

    id: UUID
    patient_id: UUID
    patient_name: str
    contact: str
    relation: str
    until: datetime | None
    expires_at: datetime


class Asked(msgspec.Struct, frozen=True):
    """As the person sees it who is invited."""

    id: UUID
    patient_name: str
    inviter_name: str
    clinic: str
    relation: str
    until: datetime | None
    expires_at: datetime


class GuardianInvited(msgspec.Struct, frozen=True):
    """The message is to be sent."""

    invitation_id: UUID


class GuardianDeclined(msgspec.Struct, frozen=True):
    """Whoever sent the invitation is told."""

    invitation_id: UUID


class GuardianshipBegan(msgspec.Struct, frozen=True):
    """Those concerned are told."""

    guardianship_id: UUID


class GuardianshipEnded(msgspec.Struct, frozen=True):
    """Somebody ended it."""

    guardianship_id: UUID


class GuardianshipLapses(msgspec.Struct, frozen=True):
    """It has reached its end, unless somebody ended it before."""

    guardianship_id: UUID


class GuardianInvitationOver(NotFound):
    """Of another address, used, declined, taken back or run out: which of these it is, is not told."""

    code = "guardian_invitation_over"
    says = N_("This invitation is over, or it was sent to another address than those of your account.")


class GuardsHerself(Conflict):
    code = "own_guardian"
    says = N_("You cannot act for yourself in this way: your own visits are yours already.")


class ActsAlready(Conflict):
    code = "acts_already"
    says = N_("This person acts for the patient already.")


class RegisteredAlready(Conflict):
    code = "dependant_registered_already"
    says = N_("You have registered this person at this clinic already.")


class TooManyDependants(Conflict):
    code = "too_many_dependants"
    says = N_("You act for many people at this clinic already. Please ask the clinic.")


class TooManyInvitations(TooMany):
    code = "too_many_guardian_invitations"
    says = N_("You have invited many people today. Please try again tomorrow.")
