import hmac
from datetime import datetime

import msgspec

from svastha.domain.prescriptions.model import Verified
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


class _Signed(msgspec.Struct, frozen=True):
    doctor_name: str
    council: str
    registration_no: str
    signed_at: datetime
    document_sha256: bytes


async def verify(tx: ClinicTx, code: str, sha256: bytes | None = None) -> Verified:
    """Who signed the document of this code (spelt as :func:`place_of` does), and whether a file with this digest is
    that very document. For anybody: nothing here is about the patient."""
    found = await tx.maybe(
        _Signed,
        "SELECT doctor_name, council, registration_no, signed_at, document_sha256 FROM prescriptions"
        " WHERE code = :code",
        code=code,
    )
    if found is None:
        raise NotFound
    return Verified(
        code,
        found.doctor_name,
        found.council,
        found.registration_no,
        tx.clinic.name,
        found.signed_at,
        found.document_sha256.hex(),
        None if sha256 is None else hmac.compare_digest(sha256, found.document_sha256),
    )
