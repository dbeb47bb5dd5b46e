from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.calendars.model import Followed
from svastha.domain.patients import HERS
from svastha.kit.db import ClinicTx

MOST = 2000  # at one clinic

_WHOSE = {
    "patient": f"a.patient_id = ANY({HERS})",
    "doctor": "a.doctor_id = :me",
    "clinic": "true",
    "branch": "a.branch_id = :branch",
}


class Entry(msgspec.Struct, frozen=True):
    """A visit as a calendar may know it. ``for_whom``: the first name of somebody she acts for; nobody's else."""

    id: UUID
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    mode: str
    status: str
    doctor: str
    for_whom: str
    clinic: str  # slug
    clinic_name: str


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    mode: str
    status: str
    doctor: str
    for_whom: str


async def entries(tx: ClinicTx, feed: Followed) -> list[Entry]:
    """Of the last month and of all that is to come; where these are too many, those nearest to now, and what is to come
    first. Cancelled ones too, so that they vanish."""
    rows = await tx.all(
        _Row,
        f"""
        SELECT a.id, a.sequence, coalesce((SELECT max(s.at) FROM appointment_steps s WHERE s.appointment_id = a.id),
                a.made_at) AS changed_at, a.starts_at, a.ends_at, a.mode, a.status, d.name AS doctor,
            CASE WHEN :own AND p.account_id IS DISTINCT FROM :me THEN split_part(p.name, ' ', 1) ELSE '' END AS for_whom
        FROM appointments a JOIN practitioners d USING (doctor_id) JOIN patients p ON p.id = a.patient_id
        WHERE ({_WHOSE[feed.kind]}) AND a.starts_at > now() - interval '31 days'
            AND a.status NOT IN ('held', 'expired') AND NOT (a.status = 'cancelled' AND a.sequence = 0)
        ORDER BY a.starts_at < now(), abs(extract(epoch FROM a.starts_at - now())), a.id LIMIT :most
        """,
        me=feed.account_id,
        branch=feed.branch_id,
        own=feed.kind == "patient",
        most=MOST,
    )
    return [Entry(**msgspec.structs.asdict(row), clinic=tx.clinic.slug, clinic_name=tx.clinic.name) for row in rows]
