"""The people a clinic cares for.

Owns: patients.
Announces: nothing.
"""

from svastha.domain.patients.access import of, seen_by
from svastha.domain.patients.model import Patient
from svastha.domain.patients.register import own, register

__all__ = ["Patient", "of", "own", "register", "seen_by"]
