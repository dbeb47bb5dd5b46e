"""A clinic of twenty doctors with as many visits behind it as one likes. What is to come is the same in every size."""

from typing import Any
from uuid import UUID

DOCTORS = 20


def doctor(n: int) -> UUID:
    return UUID(f"02900000-0000-7000-8000-{n:012}")


ID = "('0{kind}900000-0000-7000-8000-' || lpad(({n})::text, 12, '0'))::uuid"
DOCTOR, ROOM, PATIENT = ID.format(kind=2, n="n % 20"), ID.format(kind=3, n="n % 20"), ID.format(kind=4, n="p")
VISIT = "id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by"

OPEN = f"""
    INSERT INTO branches (id, name) VALUES ('{doctor(99)}', 'Here');
    INSERT INTO practitioners (doctor_id, name, zone) SELECT {DOCTOR}, 'A doctor', 'Asia/Kolkata'
        FROM generate_series(0, 19) n;
    INSERT INTO resources (id, branch_id, kind, name) SELECT {ROOM}, '{doctor(99)}', 'room', n::text
        FROM generate_series(0, 19) n;
    INSERT INTO offers (doctor_id, mode, minutes, fee_paise, after_minutes) SELECT {DOCTOR}, 'in_person', 25, 50000, 5
        FROM generate_series(0, 19) n;
    INSERT INTO weekly_hours (id, doctor_id, weekday, opens, closes, modes, branch_id, resources)
        SELECT gen_random_uuid(), {DOCTOR}, weekday, '09:00', '19:00', '{{in_person}}', '{doctor(99)}', ARRAY[{ROOM}]
        FROM generate_series(0, 19) n, generate_series(1, 7) weekday;
    INSERT INTO weekly_breaks (doctor_id, weekday, opens, closes) SELECT {DOCTOR}, weekday, '13:00', '14:00'
        FROM generate_series(0, 19) n, generate_series(1, 7) weekday;
"""

# Half of the next fifteen days is taken: ten visits a day of each doctor.
COMING = f"""
    INSERT INTO patients (id, name, email) SELECT {PATIENT}, 'A patient', '' FROM generate_series(0, 999) p;
    INSERT INTO appointments ({VISIT}, after_minutes, branch_id)
        SELECT gen_random_uuid(), {DOCTOR}, {PATIENT}, at, at + interval '25 min', 'in_person', 'confirmed', 50000,
            {PATIENT}, 5, '{doctor(99)}'
        FROM (SELECT n, (n / 20 * 37 + n % 20 * 50) % 1000 AS p, (current_date + 1 + n / 100)::timestamptz
            + interval '3 h 30 min' + n / 20 % 5 * interval '1 hour' AS at FROM generate_series(0, 999) n) v;
    INSERT INTO reservations (appointment_id, resource_id, during)
        SELECT id, ('03' || substr(doctor_id::text, 3))::uuid, tstzrange(starts_at, ends_at) FROM appointments;
    INSERT INTO appointment_steps (id, appointment_id, status) SELECT gen_random_uuid(), id, 'confirmed'
        FROM appointments;
"""

# One visit after the other, from some days ago back in time: $1 and $2 are the numbers of the first and the last.
PAST = f"""
    WITH people AS (
        INSERT INTO patients (id, name, email) SELECT {PATIENT}, 'A patient', ''
        FROM generate_series($1::int / 10 + 1000, $2::int / 10 + 1000) p ON CONFLICT DO NOTHING
    ), made AS (
        INSERT INTO appointments ({VISIT}, after_minutes, branch_id)
        SELECT gen_random_uuid(), {DOCTOR}, {PATIENT}, at, at + interval '25 min', 'in_person',
            CASE WHEN n % 10 = 3 THEN 'cancelled' WHEN n % 20 = 7 THEN 'no_show' ELSE 'completed' END, 50000,
            {PATIENT}, 5, '{doctor(99)}'
        FROM (SELECT n, n / 10 + 1000 AS p, date_trunc('hour', now()) - interval '4 days' - n / 20 * interval '30 min'
            AS at FROM generate_series($1::int, $2::int) n) v
        RETURNING id, doctor_id, starts_at, ends_at, status
    ), reserved AS (
        INSERT INTO reservations (appointment_id, resource_id, during, live)
        SELECT id, ('03' || substr(doctor_id::text, 3))::uuid, tstzrange(starts_at, ends_at), false FROM made
    )
    INSERT INTO appointment_steps (id, appointment_id, status) SELECT gen_random_uuid(), id, s
    FROM made, unnest(ARRAY['confirmed', status]) s
"""


async def open_clinic(connection: Any) -> None:
    """A thousand visits to come, and none behind it. ``connection``: its owner's, in UTC."""
    await connection.execute(OPEN)
    await connection.execute(COMING)
    await connection.execute("VACUUM ANALYZE")


async def years_pass(connection: Any, first: int, last: int) -> None:
    """The visits with these numbers took place, or did not."""
    for begin in range(first, last + 1, 50_000):
        await connection.execute(PAST, begin, min(last, begin + 49_999))
    await connection.execute("VACUUM ANALYZE")
