"""Who may practise: doctors, their registration, and its verification.

Owns: doctors.
Announces: DoctorChanged.
"""

from svastha.domain.doctors.model import Doctor, DoctorChanged
from svastha.domain.doctors.read import every, known, verified
from svastha.domain.doctors.register import register
from svastha.domain.doctors.verify import verify

__all__ = ["Doctor", "DoctorChanged", "every", "known", "register", "verified", "verify"]
