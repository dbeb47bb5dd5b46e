from collections.abc import Sequence
from uuid import UUID

from svastha.domain.directory.model import Offer
from svastha.domain.directory.refresh import refresh
from svastha.domain.directory.withdraw import withdraw
from svastha.kit.db import ControlTx


async def publish_listing(tx: ControlTx, *, doctor_id: UUID, clinic_id: UUID, offers: Sequence[Offer]) -> None:
    """What this doctor offers at this clinic from now on. Nothing offered: no longer listed there.

    Times already published stay with the kinds of visit that stay. Saying the same again costs two statements and
    changes nothing.
    """
    if not offers:
        await withdraw(tx, doctor_id=doctor_id, clinic_id=clinic_id)
        return
    # Locks the doctor first, as whoever refreshes her does, then the listing, against whoever publishes its times.
    # A row that is there is locked and not written.
    await tx.run(
        """
        WITH her AS (SELECT id FROM doctors WHERE id = :doctor_id FOR NO KEY UPDATE)
        INSERT INTO listings (doctor_id, clinic_id) SELECT id, :clinic_id FROM her
        ON CONFLICT (doctor_id, clinic_id) DO UPDATE SET times_as_of = excluded.times_as_of WHERE false
        """,
        doctor_id=doctor_id,
        clinic_id=clinic_id,
    )
    changed = await tx.value(
        """
        WITH offered AS (
            SELECT * FROM jsonb_to_recordset(:offers::jsonb) AS o(mode text, minutes int, fee_paise bigint)
        ), gone AS (
            DELETE FROM listing_offers WHERE doctor_id = :doctor_id AND clinic_id = :clinic_id
                AND mode NOT IN (SELECT mode FROM offered)
            RETURNING 1
        ), kept AS (
            INSERT INTO listing_offers AS l (doctor_id, clinic_id, mode, minutes, fee_paise)
            SELECT :doctor_id, :clinic_id, mode, minutes, fee_paise FROM offered
            ON CONFLICT (doctor_id, clinic_id, mode) DO UPDATE
                SET minutes = excluded.minutes, fee_paise = excluded.fee_paise
                WHERE (l.minutes, l.fee_paise) <> (excluded.minutes, excluded.fee_paise)
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM kept)
        """,
        doctor_id=doctor_id,
        clinic_id=clinic_id,
        offers=list(offers),
    )
    if changed:
        await refresh(tx, doctor_id)
