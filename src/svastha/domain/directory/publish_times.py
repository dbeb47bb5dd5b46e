from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from svastha.domain.directory.model import FreeDay
from svastha.kit.db import ControlTx


async def keep_others_out(tx: ControlTx, doctor_id: UUID) -> datetime | None:
    """Whoever publishes something of this doctor meanwhile waits until this transaction ends. Returns the time by this
    database's clock: what is computed from now on is as of then. None: nobody knows her."""
    found: datetime | None = await tx.value(
        "SELECT clock_timestamp() FROM (SELECT FROM doctors WHERE id = :id FOR NO KEY UPDATE) her", id=doctor_id
    )
    return found


async def publish_times(
    tx: ControlTx,
    *,
    doctor_id: UUID,
    clinic_id: UUID,
    as_of: datetime,
    days: Sequence[FreeDay],
    between: tuple[date, date] | None = None,
) -> bool:
    """All days with something free, as they were at ``as_of``, in place of those published before. ``between``: these
    days alone (first and last), and the others stay; then the caller has kept others out before it looked, since a
    newer computation of other days must not keep this one away.

    False, and nothing changes, when a newer computation was published already or she is not listed there. Days of a
    kind of visit that is not offered are left out. Only rows that differ are written.
    """
    if not await tx.run(  # also the lock: whoever publishes the same doctor and clinic waits here
        "UPDATE listings SET times_as_of = :as_of"
        " WHERE doctor_id = :doctor_id AND clinic_id = :clinic_id AND times_as_of <= :as_of",
        doctor_id=doctor_id,
        clinic_id=clinic_id,
        as_of=as_of,
    ):
        return False
    await tx.run(
        """
        WITH free AS (
            SELECT f.mode, f.day, f.first_at, f."left"
            FROM jsonb_to_recordset(:days::jsonb) AS f(mode text, day date, first_at timestamptz, "left" int)
            JOIN listing_offers o ON o.mode = f.mode AND o.doctor_id = :doctor_id AND o.clinic_id = :clinic_id
        ), gone AS (
            DELETE FROM listing_days WHERE doctor_id = :doctor_id AND clinic_id = :clinic_id
                AND (mode, day) NOT IN (SELECT mode, day FROM free)
                AND day BETWEEN coalesce(:first::date, '-infinity') AND coalesce(:last::date, 'infinity')
        ), kept AS (
            INSERT INTO listing_days AS d (doctor_id, clinic_id, mode, day, first_at, left_count)
            SELECT :doctor_id, :clinic_id, mode, day, first_at, "left" FROM free
            ON CONFLICT (doctor_id, clinic_id, mode, day) DO UPDATE
                SET first_at = excluded.first_at, left_count = excluded.left_count
                WHERE (d.first_at, d.left_count) <> (excluded.first_at, excluded.left_count)
        )
        UPDATE listing_offers o SET next_free_at = n.next_free_at
        FROM (
            SELECT o.mode, coalesce(min(f.first_at), 'infinity') AS next_free_at
            FROM listing_offers o LEFT JOIN (
                SELECT mode, first_at FROM free UNION ALL
                SELECT mode, first_at FROM listing_days
                WHERE doctor_id = :doctor_id AND clinic_id = :clinic_id AND day NOT BETWEEN :first AND :last
            ) f ON f.mode = o.mode AND f.first_at > now()
            WHERE o.doctor_id = :doctor_id AND o.clinic_id = :clinic_id GROUP BY o.mode
        ) n
        WHERE o.doctor_id = :doctor_id AND o.clinic_id = :clinic_id AND o.mode = n.mode
            AND o.next_free_at <> n.next_free_at
        """,
        doctor_id=doctor_id,
        clinic_id=clinic_id,
        days=list(days),
        first=between and between[0],
        last=between and between[1],
    )
    return True
