from uuid import UUID

import msgspec


class ClinicCard(msgspec.Struct, frozen=True):
    """What anybody may know of a clinic."""

    slug: str
    name: str
    address: str
    city: str
    state: str
    phone: str
    zone: str


class Clinic(msgspec.Struct, frozen=True):
    id: UUID
    slug: str
    name: str
    zone: str
    city: str
    database: str
