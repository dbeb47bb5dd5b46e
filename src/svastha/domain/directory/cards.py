"""Doctors as anybody may see them, as JSON that PostgreSQL writes: the text of a list of DoctorCard, compact."""

from functools import lru_cache

import msgspec

from svastha.domain.directory.model import DoctorCard
from svastha.kit.db import zulu


class Row(msgspec.Struct, frozen=True):
    """A page of cards, and where it ends if another follows: ``key`` is what it is sorted by, as text."""

    cards: str
    segment: int | None
    key: str | None
    doctor_id: str | None


@lru_cache(maxsize=512)
def cards_of(page: str) -> str:
    """SQL for the cards of ``page``, a query with the columns at (from 1 on), segment, key and doctor_id.

    Takes :mode, :max_fee, :clinic and :day as well (each may be null), :now, and :most: the page has one less, and
    whoever is beyond only says that there are more. The truth about who may practise and which clinic is open is read
    here, whatever the directory remembers. Fee and time of a card are those of the visits that were asked for.
    """
    return f"""
        WITH page AS MATERIALIZED ({page}), kinds AS MATERIALIZED (
            SELECT k.code, k.position, row_to_json(s) AS kind
            FROM specialties k, LATERAL (SELECT k.code, k.name_en, k.name_hi) s
        ), cards AS (
            SELECT p.at, row_to_json(c)::text AS card
            FROM page p JOIN doctors d ON d.id = p.doctor_id JOIN accounts a ON a.id = d.id, LATERAL (
                SELECT array_to_json(array_agg(w.clinic ORDER BY w.name, w.clinic_id)) AS clinics,
                    min(w.fee_paise) AS fee_paise, min(w.free_at) AS free_at
                FROM (
                    SELECT l.clinic_id, c.name, l.fee_paise, l.free_at, (SELECT row_to_json(s) FROM (
                        SELECT c.slug, c.name, c.city, c.zone, l.modes) s) AS clinic
                    FROM (
                        SELECT o.clinic_id, min(o.fee_paise) FILTER (WHERE a.wanted) AS fee_paise,
                            min(t.free_at) FILTER (WHERE a.wanted) AS free_at, array_to_json(array_agg(row_to_json(m)
                                ORDER BY array_position('{{video,in_person,home_visit}}', o.mode))) AS modes
                        FROM listing_offers o CROSS JOIN LATERAL (
                            SELECT CASE WHEN y.at > :now::timestamptz THEN nullif(y.at, 'infinity') END AS free_at
                            FROM (SELECT CASE WHEN :day::date IS NULL THEN o.next_free_at ELSE (
                                SELECT y.first_at FROM listing_days y WHERE y.doctor_id = o.doctor_id
                                    AND y.clinic_id = o.clinic_id AND y.mode = o.mode AND y.day = :day) END AS at) y
                        ) t CROSS JOIN LATERAL (
                            SELECT (:mode::text IS NULL OR o.mode = :mode)
                                AND (:max_fee::bigint IS NULL OR o.fee_paise <= :max_fee)
                                AND (:day::date IS NULL OR t.free_at IS NOT NULL) AS wanted
                        ) a CROSS JOIN LATERAL (
                            SELECT o.mode, o.minutes, o.fee_paise, {zulu("t.free_at")} AS next_free_at
                        ) m
                        WHERE o.doctor_id = d.id GROUP BY o.clinic_id
                    ) l JOIN clinics c ON c.id = l.clinic_id
                    WHERE c.open_since IS NOT NULL AND (:clinic::text IS NULL OR c.slug = :clinic)
                ) w
            ) v, LATERAL (
                SELECT d.id, d.name, d.gender, d.qualifications, d.council, d.registration_no,
                    greatest(0, extract(year FROM :now::timestamptz)::int - d.practising_since) AS experience_years,
                    d.languages,
                    array_to_json(array(SELECT k.kind FROM kinds k WHERE k.code = ANY(d.specialties)
                        ORDER BY k.position)) AS specialties,
                    d.about, true AS verified, coalesce(v.clinics, '[]') AS clinics, v.fee_paise AS fee_from_paise,
                    {zulu("v.free_at")} AS next_free_at
            ) c
            WHERE p.at < :most AND may_practise(d, a) AND (p.segment IS NULL OR v.clinics IS NOT NULL)
        )
        SELECT (SELECT '[' || coalesce(string_agg(card, ',' ORDER BY at), '') || ']' FROM cards) AS cards,
            p.segment, p.key, p.doctor_id::text AS doctor_id
        FROM (VALUES (1)) always LEFT JOIN page p
            ON p.at = :most - 1 AND EXISTS (SELECT FROM page WHERE at = :most)
    """


def read(cards: str) -> list[DoctorCard]:
    return msgspec.json.decode(cards, type=list[DoctorCard])
