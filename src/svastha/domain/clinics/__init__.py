"""Clinics, and which database each one lives in.

Owns: clinics.
Announces: nothing.
"""

from svastha.domain.clinics.model import Clinic, ClinicCard
from svastha.domain.clinics.move import move
from svastha.domain.clinics.policy import CHOICES, require_second_factor, second_factor_roles
from svastha.domain.clinics.provision import close_doors, open_doors, provision
from svastha.domain.clinics.read import Place, addresses, by_slug, count_at_once, every, placed, written_here
from svastha.domain.clinics.routing import REPLICA, Routing

__all__ = [
    "CHOICES",
    "REPLICA",
    "Clinic",
    "ClinicCard",
    "Place",
    "Routing",
    "addresses",
    "by_slug",
    "close_doors",
    "count_at_once",
    "every",
    "move",
    "open_doors",
    "placed",
    "provision",
    "require_second_factor",
    "second_factor_roles",
    "written_here",
]
