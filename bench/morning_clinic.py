"""A clinic with many patients and a past, and people who are signed in."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec

from bench.search_town import FIRST, LAST
from bench.stand import Stand
from svastha.domain import accounts, doctors, schedule
from svastha.domain.accounts import sessions
from svastha.domain.consultations import NoteFields
from svastha.domain.prescriptions import Rx, RxItem
from svastha.doors import visit
from svastha.kit.ids import uuid7

YEARS = 2  # of visits that are past


class Person(msgspec.Struct, frozen=True):
    """``api`` and ``web`` are tokens; ``web`` of whoever sits at a desk."""

    id: UUID
    name: str
    api: str
    web: str = ""


def name_of(number: int) -> str:
    """The same that ``_PATIENTS`` gives the patient of this number."""
    return f"{FIRST[number % len(FIRST)]} {LAST[(number * 7 + number // len(FIRST)) % len(LAST)]}"


async def people(stand: Stand, role: str | None, clinic: str | None, many: int) -> list[Person]:
    """New accounts, signed in as if they had just done so; of doctors, verified ones who are in at any hour."""
    found = []
    place = (await stand.house.routing.find(clinic))[0].id if clinic else None
    async with visit.to_control(stand.house) as tx:
        for number in range(many):
            id, name = uuid7(), f"{'Dr ' if role == 'doctor' else ''}{name_of(number * 31 + len(clinic or ''))}"
            await accounts.register_verified(
                tx,
                account_id=id,
                email=f"{role or 'patient'}{number}@{clinic or 'home'}.test",
                name=name,
                password_hash=None,
            )
            if role:
                await accounts.grant(tx, id, role, clinic_id=place, by=None)
            if role == "doctor":
                await doctors.register(tx, _doctor(id, name, clinic, number))
                await doctors.verify(tx, id)
            api = await sessions.open_session(tx, id, kind="api", second_factor=role is not None)
            web = await sessions.open_session(tx, id, kind="browser", second_factor=True) if role else None
            found.append(Person(id, name, api.access_token, web.access_token if web else ""))
    if role == "doctor" and clinic:
        async with visit.to_clinic(stand.house, clinic) as here:
            for one in found:
                offers = [schedule.Offer("video", 20, 50000), schedule.Offer("in_person", 20, 40000)]
                await schedule.practise(here, doctor_id=one.id, name=one.name, zone="Asia/Kolkata", offers=offers)
                week = [schedule.Hours(day, time(0), time(0), ("video", "in_person")) for day in range(1, 8)]
                await schedule.set_weekly_hours(here, one.id, week)
    return found


def _doctor(id: UUID, name: str, clinic: str | None, number: int) -> doctors.Doctor:
    return doctors.Doctor(
        id,
        name,
        "female",
        "BAMS",
        "Bench Council",
        f"{clinic}-{number}",
        2010,
        ["en", "hi"],
        ["kayachikitsa"],
        "",
        None,
        None,
    )


# Patient n: found at the desk by her number, 9, 8 or 7 and n; one of about 30,000 names.
_PATIENTS = """
    INSERT INTO patients (id, account_id, name, email, birth_date, sex, city, phone, made_at)
    SELECT uuidv7(), NULL, ($1::text[])[1 + n % cardinality($1)] || ' '
            || ($2::text[])[1 + (n * 7 + n / cardinality($1)) % cardinality($2)], '',
        '1940-01-01'::date + n % 25000, (ARRAY['female', 'male'])[1 + n % 2], 'Pune',
        '+91' || (9000000000 - 1000000000 * (n % 3) + n), now() - interval '1 min' * (n % 1000000)
    FROM generate_series(1, $3::int) n
"""
# Each has been seen once, by doctors in turn; what was asked, examined and prescribed follows, sealed.
_VISITS = """
    INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)
    SELECT uuidv7(), d, p.id, at, at + interval '20 min', 'in_person', 'completed', 40000, d
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM patients LIMIT $2::int) p,
        LATERAL (SELECT ($1::uuid[])[1 + n % cardinality($1)] AS d,
            date_trunc('hour', now()) - interval '1 day' - $3::interval * (n / $2::float8) AS at) v
"""
_STEPS = """
    INSERT INTO appointment_steps (id, appointment_id, status, at, by_account)
    SELECT uuidv7(), a.id, s.status, a.starts_at + s.after + interval '1 s' * (hashtext(a.id::text) % 300), a.doctor_id
    FROM appointments a, (VALUES ('confirmed', interval '-1 day'), ('checked_in', interval '-8 min'),
        ('in_progress', interval '5 min'), ('completed', interval '18 min')) s(status, after)
"""
NOTE = NoteFields(
    subjective="Heaviness after meals and little sleep for three weeks. No fever, no pain. " * 3,
    objective="Pulse 78, blood pressure 124/80, weight steady since the last visit. " * 2,
    jihva="Coated, white, at the root.",
    agni="Manda",
    mala="Irregular, every second day",
    nadi="Vata-kapha, slow and slippery",
    assessment="Agnimandya with ama. " * 2,
    plan="Deepana and pachana for ten days, light diet, then see again. " * 3,
)
RX = Rx(
    items=tuple(
        RxItem(medicine, "churna", "3 g", "after_food", "warm_water", 10, "Twice a day, not on an empty stomach.")
        for medicine in ("Hingvashtak churna", "Triphala churna", "Avipattikar churna", "Ashwagandha churna")
    ),
    diagnosis="Agnimandya",
    diet="Warm, light and freshly cooked; no curd at night.",
    advice="Half an hour of walking each evening.",
    follow_up="In ten days.",
)


async def fill(stand: Stand, clinic: str, staff: list[Person], *, patients: int, visits: int) -> None:
    """``visits`` of them came once in the last two years; each visit has its steps, its signed note and its signed
    prescription, each text sealed for its row. The kept prescription is not a PDF but 1,000 bytes."""
    _, vault = await stand.house.routing.find(clinic)
    note, rx, paper = msgspec.json.encode(NOTE), msgspec.json.encode(RX), b"%PDF" + bytes(1000)
    signed = datetime.now(UTC) - timedelta(days=1)
    async with stand.connection(clinic) as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # what is made here fits together
        await connection.execute(_PATIENTS, FIRST, LAST, patients)
        await connection.execute(_VISITS, [one.id for one in staff], visits, timedelta(days=365 * YEARS))
        await connection.execute(_STEPS)
        rows = await connection.fetch("SELECT id, doctor_id FROM appointments")
        notes: list[Any] = []
        papers: list[Any] = []
        for number, (id, doctor) in enumerate(rows):
            place, digest = f"{id}/1", bytes(32)
            notes.append((id, doctor, 1, vault.seal("notes", "content", place, note), signed, signed, doctor, digest))
            content = vault.seal("prescriptions", "content", place, rx)
            kept = vault.seal("prescriptions", "document", id, paper)
            who = (doctor, f"past-{number}", kept, digest, "Dr", "Bench Council", "1")
            papers.append((uuid7(), id, doctor, 1, content, signed, *who))
        of_note = "appointment_id doctor_id version content saved_at signed_at signed_by content_sha256"
        of_paper = "id appointment_id doctor_id version content signed_at signed_by code document document_sha256"
        named = [*of_paper.split(), "doctor_name", "council", "registration_no"]
        await connection.copy_records_to_table("notes", records=notes, columns=of_note.split())
        await connection.copy_records_to_table("prescriptions", records=papers, columns=named)
    async with stand.connection(clinic) as connection:
        await connection.execute("VACUUM (ANALYZE) patients, appointments, appointment_steps, notes, prescriptions")
