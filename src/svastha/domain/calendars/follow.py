from svastha.domain.accounts import who_may
from svastha.domain.calendars.model import Followed
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.refusals import NotFound

IN_EFFECT = "g.valid_from <= now() AND (g.valid_until IS NULL OR g.valid_until > now())"


async def followed(tx: ControlTx, secret: str) -> Followed:
    """What its maker may see is asked again each time. Raises NotFound for one that was revoked, whose maker is
    suspended or has left, and for a clinic's whose maker no longer works at its desk. That it was read is written down
    every few minutes."""
    found = await tx.maybe(
        Followed,
        f"""
        SELECT f.id, f.kind, f.account_id, f.branch_id, a.locale, ARRAY(
            SELECT c.slug FROM clinics c WHERE c.open_since IS NOT NULL AND CASE f.kind
                WHEN 'patient' THEN EXISTS (
                    SELECT FROM account_clinics k WHERE (k.account_id, k.clinic_id) = (f.account_id, c.id))
                WHEN 'doctor' THEN EXISTS (SELECT FROM grants g
                    WHERE (g.account_id, g.clinic_id, g.role) = (f.account_id, c.id, 'doctor') AND {IN_EFFECT})
                ELSE c.id = f.clinic_id AND EXISTS (SELECT FROM grants g
                    WHERE (g.account_id, g.clinic_id) = (f.account_id, c.id) AND g.role = ANY(:desk::text[])
                        AND {IN_EFFECT})
                END ORDER BY c.slug) AS clinics
        FROM feeds f JOIN accounts a ON a.id = f.account_id
        WHERE f.secret_hash = :hash AND f.revoked_at IS NULL AND a.suspended_at IS NULL AND a.closed_at IS NULL
        """,
        hash=digest(secret),
        desk=sorted(who_may("calendar.share")),
    )
    if found is None or (found.kind in ("clinic", "branch") and not found.clinics):
        raise NotFound
    await tx.run(
        "UPDATE feeds SET used_at = now()"
        " WHERE id = :id AND (used_at IS NULL OR used_at < now() - interval '5 minutes')",
        id=found.id,
    )
    return found
