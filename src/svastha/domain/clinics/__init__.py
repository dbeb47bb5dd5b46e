"""Clinics, and which database each one lives in.

Owns: clinics.
Announces: nothing.
"""

from svastha.domain.clinics.model import Clinic, ClinicCard
from svastha.domain.clinics.policy import CHOICES, require_second_factor, second_factor_roles
from svastha.domain.clinics.provision import close_doors, open_doors, provision
from svastha.domain.clinics.read import by_slug, every, placed
from svastha.domain.clinics.routing import Routing

__all__ = [
    "CHOICES",
    "Clinic",
    "ClinicCard",
    "Routing",
    "by_slug",
    "close_doors",
    "every",
    "open_doors",
    "placed",
    "provision",
    "require_second_factor",
    "second_factor_roles",
]
