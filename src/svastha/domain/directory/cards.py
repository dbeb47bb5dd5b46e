from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.directory.model import DoctorCard, ListedClinic, Query, Specialty


class Row(msgspec.Struct, frozen=True):
    """One place of a page. ``key`` is what the page is sorted by, as text; ``segment`` comes before it."""

    segment: int
    key: str
    id: UUID
    name: str
    gender: str
    qualifications: str
    council: str
    registration_no: str
    experience_years: int
    languages: list[str]
    specialties: list[object]
    about: str
    verified: bool
    clinics: list[object]


def cards_of(page: str) -> str:
    """SQL for the cards of ``page``, a query with the columns segment, key and doctor_id.

    Takes :clinic and :day as well (either may be null) and :now. The truth about who may practise and which clinic is
    open is read here, whatever the directory remembers.
    """
    return f"""
        WITH page AS ({page})
        SELECT p.segment, p.key::text AS key, d.id, d.name, d.gender, d.qualifications, d.council, d.registration_no,
            greatest(0, extract(year FROM :now::timestamptz)::int - d.practising_since) AS experience_years,
            d.languages,
            (SELECT coalesce(jsonb_agg(to_jsonb(s) - 'position' ORDER BY s.position), '[]')
                FROM specialties s WHERE s.code = ANY(d.specialties)) AS specialties,
            d.about, may_practise(d) AS verified,
            (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'slug', c.slug, 'name', c.name, 'city', c.city, 'zone', c.zone, 'modes', l.modes)
                    ORDER BY c.name, c.id), '[]')
                FROM (
                    SELECT o.clinic_id, jsonb_agg(jsonb_build_object(
                        'mode', o.mode, 'minutes', o.minutes, 'fee_paise', o.fee_paise, 'next_free_at',
                        CASE WHEN t.at > :now::timestamptz THEN nullif(t.at, 'infinity') END)
                        ORDER BY array_position('{{video,in_person,home_visit}}', o.mode)) AS modes
                    FROM listing_offers o CROSS JOIN LATERAL (
                        SELECT CASE WHEN :day::date IS NULL THEN o.next_free_at ELSE (
                            SELECT y.first_at FROM listing_days y WHERE y.doctor_id = o.doctor_id
                                AND y.clinic_id = o.clinic_id AND y.mode = o.mode AND y.day = :day) END AS at) t
                    WHERE o.doctor_id = d.id GROUP BY o.clinic_id
                ) l JOIN clinics c ON c.id = l.clinic_id
                WHERE c.open_since IS NOT NULL AND (:clinic::text IS NULL OR c.slug = :clinic)) AS clinics
        FROM page p JOIN doctors d ON d.id = p.doctor_id
        ORDER BY p.segment, p.key, p.doctor_id
    """


def card(row: Row, query: Query) -> DoctorCard:
    clinics = msgspec.convert(row.clinics, list[ListedClinic])
    asked = [
        offer
        for clinic in clinics
        for offer in clinic.modes
        if query.mode in (None, offer.mode)
        and (query.max_fee is None or offer.fee_paise <= query.max_fee)
        and (query.day is None or offer.next_free_at is not None)
    ]
    times: list[datetime] = [offer.next_free_at for offer in asked if offer.next_free_at is not None]
    return DoctorCard(
        id=row.id,
        name=row.name,
        gender=row.gender,
        qualifications=row.qualifications,
        council=row.council,
        registration_no=row.registration_no,
        experience_years=row.experience_years,
        languages=row.languages,
        specialties=msgspec.convert(row.specialties, list[Specialty]),
        about=row.about,
        verified=row.verified,
        clinics=clinics,
        fee_from_paise=min((offer.fee_paise for offer in asked), default=None),
        next_free_at=min(times, default=None),
    )
