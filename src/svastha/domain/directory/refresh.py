from collections.abc import Sequence
from uuid import UUID

from svastha.kit.db import ControlTx


async def refresh(tx: ControlTx, doctor_id: UUID) -> None:
    """Look again at this doctor: her profile, her verification, and where she is listed."""
    await _refresh(tx, [doctor_id])


async def refresh_clinic(tx: ControlTx, clinic_id: UUID) -> None:
    """Look again at all doctors listed at this clinic: it has opened, closed, moved, or has a new name."""
    doctors = await tx.value(
        "SELECT array_agg(doctor_id ORDER BY doctor_id) FROM listings WHERE clinic_id = :clinic_id", clinic_id=clinic_id
    )
    await _refresh(tx, doctors or [])


async def _refresh(tx: ControlTx, doctors: Sequence[UUID]) -> None:
    # Two refreshes of one doctor follow one another, or both would count her words.
    await tx.run(
        "SELECT FROM doctors WHERE id = ANY(:doctors::uuid[]) ORDER BY id FOR NO KEY UPDATE", doctors=list(doctors)
    )
    await tx.run(
        """
        WITH offered AS (
            SELECT o.doctor_id, o.mode, c.name || ' ' || c.city AS place
            FROM listing_offers o JOIN clinics c ON c.id = o.clinic_id AND c.open_since IS NOT NULL
            WHERE o.doctor_id = ANY(:doctors::uuid[])
        ), wanted AS (
            SELECT d.id AS doctor_id, d.practising_since, array(
                SELECT 'name:' || word FROM unnest(words_of(d.name)) word WHERE word NOT IN ('dr', 'doktor')
                UNION SELECT 'place:' || word FROM offered o, unnest(words_of(o.place)) word WHERE o.doctor_id = d.id
                UNION SELECT 'mode:' || o.mode FROM offered o WHERE o.doctor_id = d.id
                UNION SELECT 'specialty:' || code FROM unnest(d.specialties) code
                UNION SELECT 'language:' || code FROM unnest(d.languages) code
                UNION SELECT 'gender:' || d.gender
                ORDER BY 1
            ) AS tags
            FROM doctors d
            WHERE d.id = ANY(:doctors::uuid[]) AND may_practise(d)
                AND EXISTS (SELECT FROM offered o WHERE o.doctor_id = d.id)
        ), known AS (
            SELECT doctor_id, tags FROM directory_entries WHERE doctor_id = ANY(:doctors::uuid[])
        ), gone AS (
            DELETE FROM directory_entries WHERE doctor_id = ANY(:doctors::uuid[])
                AND doctor_id NOT IN (SELECT doctor_id FROM wanted)
        ), kept AS (
            INSERT INTO directory_entries AS e (doctor_id, practising_since, tags)
            SELECT doctor_id, practising_since, tags FROM wanted
            ON CONFLICT (doctor_id) DO UPDATE SET practising_since = excluded.practising_since, tags = excluded.tags
                WHERE (e.practising_since, e.tags) <> (excluded.practising_since, excluded.tags)
        ), counted AS (
            INSERT INTO search_words AS w (kind, word, doctors)
            SELECT split_part(tag, ':', 1), split_part(tag, ':', 2), sum(step) FROM (
                SELECT unnest(tags) AS tag, 1 AS step FROM wanted UNION ALL SELECT unnest(tags), -1 FROM known
            ) steps GROUP BY tag HAVING sum(step) <> 0 ORDER BY tag
            ON CONFLICT (kind, word) DO UPDATE SET doctors = w.doctors + excluded.doctors
        )
        UPDATE listing_offers o SET live = n.live, practising_since = n.practising_since, tags = n.tags
        FROM (
            SELECT l.doctor_id, l.clinic_id, l.mode, w.doctor_id IS NOT NULL AND c.open_since IS NOT NULL AS live,
                coalesce(w.practising_since, 0) AS practising_since, coalesce(w.tags, '{}') AS tags
            FROM listing_offers l JOIN clinics c ON c.id = l.clinic_id LEFT JOIN wanted w ON w.doctor_id = l.doctor_id
            WHERE l.doctor_id = ANY(:doctors::uuid[])
        ) n
        WHERE (o.doctor_id, o.clinic_id, o.mode) = (n.doctor_id, n.clinic_id, n.mode)
            AND (o.live, o.practising_since, o.tags) <> (n.live, n.practising_since, n.tags)
        """,
        doctors=list(doctors),
    )
