"""Clinics, and which database each one lives in.

Owns: clinics.
Announces: nothing.
"""

from svastha.domain.clinics.model import Clinic, ClinicCard
from svastha.domain.clinics.provision import open_doors, provision
from svastha.domain.clinics.read import by_slug, every
from svastha.domain.clinics.routing import Routing

__all__ = ["Clinic", "ClinicCard", "Routing", "by_slug", "every", "open_doors", "provision"]
