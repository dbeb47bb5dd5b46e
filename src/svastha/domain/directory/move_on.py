from svastha.kit.db import ControlTx


async def move_on(tx: ControlTx) -> int:
    """Where the next free time has passed unnoticed, the first of the next day known takes its place.

    For the worker, each minute. What stays behind until then is not shown: a search counts it as no time at all.
    """
    return await tx.run(
        """
        UPDATE listing_offers o SET next_free_at = coalesce((
            SELECT min(d.first_at) FROM listing_days d
            WHERE d.doctor_id = o.doctor_id AND d.clinic_id = o.clinic_id AND d.mode = o.mode AND d.first_at > now()
        ), 'infinity')
        WHERE o.live AND o.next_free_at <= now()
        """
    )
