from uuid import UUID

import msgspec


class Grant(msgspec.Struct, frozen=True):
    role: str
    clinic_id: UUID | None = None


class Actor(msgspec.Struct, frozen=True):
    """Who is asking. Roles come from grants, never from the request."""

    account_id: UUID
    session_id: UUID
    email: str
    name: str
    locale: str
    zone: str
    grants: tuple[Grant, ...] = ()

    def is_a(self, role: str, clinic_id: UUID | None = None) -> bool:
        return Grant(role, clinic_id) in self.grants

    def runs_desk_of(self, clinic_id: UUID) -> bool:
        """May see and move everybody's visits there, though not what is written in them."""
        return self.is_a("receptionist", clinic_id) or self.is_a("clinic_admin", clinic_id)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)
