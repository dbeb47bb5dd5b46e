"""The people a clinic cares for, and who may act for them.

Owns: patients, guardianships, guardian_invitations.
Announces: GuardianInvited, GuardianDeclined, GuardianshipBegan, GuardianshipEnded, GuardianshipLapses.
"""

from svastha.domain.patients.accept_guardian import accept_guardianship, asked, decline_guardianship
from svastha.domain.patients.access import HERSELF, KNOWN, SEEN, follow, locked, of, seeing, seen_by
from svastha.domain.patients.end_guardianship import Ending, end_guardianship, ending
from svastha.domain.patients.find_at_desk import AtDesk, at_desk, find_at_desk
from svastha.domain.patients.forget_addresses import forget_addresses
from svastha.domain.patients.guardianship import (
    ACTIVE,
    HERS,
    RELATIONS,
    SEALED,
    SEXES,
    Asked,
    Dependant,
    Guardian,
    GuardianDeclined,
    GuardianInvitation,
    GuardianInvitationOver,
    GuardianInvited,
    GuardianshipBegan,
    GuardianshipEnded,
    GuardianshipLapses,
)
from svastha.domain.patients.invite_guardian import invite_guardian
from svastha.domain.patients.model import Patient
from svastha.domain.patients.read_family import (
    Helper,
    dependants,
    guardian_accounts,
    guardian_invitations,
    guardians,
    guardians_of,
    in_care,
)
from svastha.domain.patients.register import own, register, told_by
from svastha.domain.patients.register_at_desk import register_at_desk
from svastha.domain.patients.register_dependant import register_dependant
from svastha.domain.patients.revoke_guardian import revoke_guardian_invitation
from svastha.domain.patients.told import (
    Told,
    send_guardian_invitation,
    tell_began,
    tell_declined,
    tell_ended,
    tell_lapsed,
    told_about,
    told_of,
)

__all__ = [
    "ACTIVE",
    "HERS",
    "HERSELF",
    "KNOWN",
    "RELATIONS",
    "SEALED",
    "SEEN",
    "SEXES",
    "Asked",
    "AtDesk",
    "Dependant",
    "Ending",
    "Guardian",
    "GuardianDeclined",
    "GuardianInvitation",
    "GuardianInvitationOver",
    "GuardianInvited",
    "GuardianshipBegan",
    "GuardianshipEnded",
    "GuardianshipLapses",
    "Helper",
    "Patient",
    "Told",
    "accept_guardianship",
    "asked",
    "at_desk",
    "decline_guardianship",
    "dependants",
    "end_guardianship",
    "ending",
    "find_at_desk",
    "follow",
    "forget_addresses",
    "guardian_accounts",
    "guardian_invitations",
    "guardians",
    "guardians_of",
    "in_care",
    "invite_guardian",
    "locked",
    "of",
    "own",
    "register",
    "register_at_desk",
    "register_dependant",
    "revoke_guardian_invitation",
    "seeing",
    "seen_by",
    "send_guardian_invitation",
    "tell_began",
    "tell_declined",
    "tell_ended",
    "tell_lapsed",
    "told_about",
    "told_by",
    "told_of",
]
