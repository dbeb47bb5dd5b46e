"""Prescriptions: written, signed, printed, and proved genuine to anybody who holds the paper.

Owns: prescriptions.
Announces: PrescriptionSigned.
"""

from svastha.domain.prescriptions.code import place_of
from svastha.domain.prescriptions.document import document
from svastha.domain.prescriptions.model import (
    SEALED,
    Prescription,
    PrescriptionChanged,
    PrescriptionLocked,
    PrescriptionSigned,
    Rx,
    RxItem,
    Verified,
)
from svastha.domain.prescriptions.read import for_record, read
from svastha.domain.prescriptions.sign import sign
from svastha.domain.prescriptions.tell import tell_patient
from svastha.domain.prescriptions.terms import ANUPANA, FORMS, KALA, Term, labels
from svastha.domain.prescriptions.verify import verify
from svastha.domain.prescriptions.write import write

__all__ = [
    "ANUPANA",
    "FORMS",
    "KALA",
    "SEALED",
    "Prescription",
    "PrescriptionChanged",
    "PrescriptionLocked",
    "PrescriptionSigned",
    "Rx",
    "RxItem",
    "Term",
    "Verified",
    "document",
    "for_record",
    "labels",
    "place_of",
    "read",
    "sign",
    "tell_patient",
    "verify",
    "write",
]
