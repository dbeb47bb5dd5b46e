from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.accounts.permissions import FOR_EVERYBODY, who_may


class Grant(msgspec.Struct, frozen=True):
    role: str
    clinic_id: UUID | None = None


class Actor(msgspec.Struct, frozen=True):
    """Who is asking. Roles come from grants, never from the request.

    ``withheld`` are grants that do not count before a second factor was shown in this session. ``scopes`` are the
    permissions an API key is limited to; None: no limit beyond the roles. ``proven_at``: when she last showed who she
    is.
    """

    account_id: UUID
    session_id: UUID
    email: str
    name: str
    locale: str
    zone: str
    grants: tuple[Grant, ...] = ()
    phone: str = ""
    proven_at: datetime | None = None
    second_factor: bool = False
    withheld: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    key_id: UUID | None = None
    changes_at: datetime | None = None  # when the clock alone changes something of this

    def is_a(self, role: str, clinic_id: UUID | None = None) -> bool:
        return Grant(role, clinic_id) in self.grants

    def may(self, permission: str, clinic_id: UUID | None = None) -> bool:
        """At this clinic, or, without one, anywhere."""
        if self.scopes is not None and permission not in self.scopes:
            return False
        return _any(self.grants, permission, clinic_id, everybody=self.key_id is None)

    def would(self, permission: str, clinic_id: UUID | None = None) -> bool:
        """If only she had shown a second factor."""
        return self.scopes is None and _any(self.withheld, permission, clinic_id, everybody=True)

    def runs_desk_of(self, clinic_id: UUID) -> bool:
        """May see and move everybody's visits there, though not what is written in them."""
        return any(Grant(role, clinic_id) in self.grants for role in who_may("desk.read"))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)


def _any(grants: tuple[Grant, ...], permission: str, clinic_id: UUID | None, *, everybody: bool = True) -> bool:
    who = who_may(permission)
    platforms = permission.startswith("platform.")  # an auditor of one clinic is not the platform's
    return (everybody and bool(who & FOR_EVERYBODY)) or any(
        grant.role in who and (grant.clinic_id is None or (not platforms and clinic_id in (None, grant.clinic_id)))
        for grant in grants
    )
