-- The database of one clinic: everything about care, time and messages there. Nothing here refers to another database.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- audit ---------------------------------------------------------------------------------------------------------------
CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    account_id uuid,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    why text,
    request_id text
);
CREATE INDEX audit_entries_subject ON audit_entries (subject_kind, subject_id, at);

-- kit: jobs and idempotency -------------------------------------------------------------------------------------------
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    run_at timestamptz NOT NULL DEFAULT now(),
    key text CONSTRAINT one_job_per_key UNIQUE,
    attempts int NOT NULL DEFAULT 0,
    leased_until timestamptz,
    last_error text,
    set_aside_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE set_aside_at IS NULL;

CREATE TABLE idempotency_keys (
    scope bytea PRIMARY KEY,
    body_hash bytea NOT NULL,
    status int NOT NULL,
    reply bytea NOT NULL, -- sealed: it says what was answered
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idempotency_keys_made_at ON idempotency_keys (made_at);

-- notifications -------------------------------------------------------------------------------------------------------
CREATE TABLE messages (
    id uuid PRIMARY KEY,
    channel text NOT NULL,
    address text NOT NULL,
    account_id uuid,
    template text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    attachments jsonb NOT NULL DEFAULT '[]',
    made_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz
);

-- patients ------------------------------------------------------------------------------------------------------------
CREATE TABLE patients (
    id uuid PRIMARY KEY,
    account_id uuid CONSTRAINT one_patient_per_account UNIQUE,
    name text NOT NULL,
    email text NOT NULL,
    locale text NOT NULL DEFAULT 'en',
    zone text NOT NULL DEFAULT 'Asia/Kolkata',
    birth_date date,
    sex text CONSTRAINT sex_is_known CHECK (sex IN ('female', 'male', 'other')),
    city text NOT NULL DEFAULT '',
    made_at timestamptz NOT NULL DEFAULT now()
);

-- schedule ------------------------------------------------------------------------------------------------------------
-- A doctor's chair in this clinic. Whoever sells her time locks this row first.
CREATE TABLE practitioners (
    doctor_id uuid PRIMARY KEY,
    name text NOT NULL,
    zone text NOT NULL,
    bookable boolean NOT NULL DEFAULT true,
    notice interval NOT NULL DEFAULT '15 minutes',
    horizon interval NOT NULL DEFAULT '60 days'
);

CREATE TABLE offers (
    doctor_id uuid NOT NULL REFERENCES practitioners,
    mode text NOT NULL CONSTRAINT mode_is_known CHECK (mode IN ('video', 'in_person', 'home_visit')),
    minutes int NOT NULL CONSTRAINT visit_lasts_5_to_240_minutes CHECK (minutes BETWEEN 5 AND 240),
    fee_paise bigint NOT NULL CONSTRAINT fee_is_not_negative CHECK (fee_paise >= 0),
    PRIMARY KEY (doctor_id, mode)
);

-- Wall-clock time in the practitioner's zone; weekday as in ISO 8601. Closing at or before opening means the next day.
CREATE TABLE weekly_hours (
    id uuid PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES practitioners,
    weekday int NOT NULL CONSTRAINT weekday_is_1_to_7 CHECK (weekday BETWEEN 1 AND 7),
    opens time NOT NULL,
    closes time NOT NULL,
    modes text[] NOT NULL
);
CREATE INDEX weekly_hours_doctor ON weekly_hours (doctor_id);

-- One day that is different: closed (no times: the whole day) or open beyond the weekly hours.
CREATE TABLE exceptions (
    id uuid PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES practitioners,
    day date NOT NULL,
    closed boolean NOT NULL,
    opens time,
    closes time,
    modes text[] NOT NULL DEFAULT '{video,in_person,home_visit}',
    CONSTRAINT extra_hours_have_times CHECK (closed OR (opens IS NOT NULL AND closes IS NOT NULL)),
    CONSTRAINT both_times_or_none CHECK ((opens IS NULL) = (closes IS NULL))
);
CREATE INDEX exceptions_doctor_day ON exceptions (doctor_id, day);

-- The instant at which a wall clock in a zone shows this. A time that a clock skips in spring is moved forward by the
-- gap; of a time that comes twice in autumn the first is meant (PostgreSQL alone would take the second).
CREATE FUNCTION instant_of(wall timestamp, zone text) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS $$
    SELECT CASE WHEN (early AT TIME ZONE zone) = wall AND early < usual THEN early ELSE usual END
    FROM (SELECT wall AT TIME ZONE zone AS usual) u,
    LATERAL (SELECT (wall - (((usual - interval '6 hours') AT TIME ZONE zone)
        - ((usual - interval '6 hours') AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC' AS early) e
$$;

-- appointments --------------------------------------------------------------------------------------------------------
CREATE TABLE appointments (
    id uuid PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES practitioners,
    patient_id uuid NOT NULL REFERENCES patients,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    mode text NOT NULL CONSTRAINT mode_is_known CHECK (mode IN ('video', 'in_person', 'home_visit')),
    status text NOT NULL CONSTRAINT status_is_known CHECK (status IN
        ('held', 'confirmed', 'checked_in', 'in_progress', 'completed', 'cancelled', 'no_show', 'expired')),
    fee_paise bigint NOT NULL,
    reason bytea,
    hold_expires_at timestamptz,
    sequence int NOT NULL DEFAULT 0,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT visit_ends_after_it_starts CHECK (ends_at > starts_at),
    CONSTRAINT only_holds_expire CHECK ((hold_expires_at IS NOT NULL) = (status = 'held')),
    CONSTRAINT no_two_visits_of_one_doctor EXCLUDE USING gist
        (doctor_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (status IN ('held', 'confirmed', 'checked_in', 'in_progress')),
    CONSTRAINT no_two_visits_of_one_patient EXCLUDE USING gist
        (patient_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (status IN ('held', 'confirmed', 'checked_in', 'in_progress'))
);
CREATE INDEX appointments_doctor_day ON appointments (doctor_id, starts_at);
CREATE INDEX appointments_patient ON appointments (patient_id, starts_at DESC);
CREATE INDEX appointments_day ON appointments (starts_at);

-- Each step of a visit's life: when, by whom (nobody: the clock) and why.
CREATE TABLE appointment_steps (
    id uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointments,
    status text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    by_account uuid,
    why text
);
CREATE INDEX appointment_steps_appointment ON appointment_steps (appointment_id, id);

-- prescriptions -------------------------------------------------------------------------------------------------------
CREATE TABLE prescriptions (
    id uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointments CONSTRAINT one_prescription_per_visit UNIQUE,
    doctor_id uuid NOT NULL,
    version int NOT NULL,
    content bytea NOT NULL,
    code text CONSTRAINT one_prescription_per_code UNIQUE,
    signed_at timestamptz,
    signed_by uuid,
    document bytea,
    document_sha256 bytea,
    -- Who she was on the day she signed: what was printed is what verification says for ever.
    doctor_name text,
    council text,
    registration_no text,
    CONSTRAINT signed_means_printed CHECK (num_nulls(signed_at, signed_by, code, document, document_sha256, doctor_name,
        council, registration_no) IN (0, 8))
);

-- consultations -------------------------------------------------------------------------------------------------------
CREATE TABLE notes (
    appointment_id uuid PRIMARY KEY REFERENCES appointments,
    doctor_id uuid NOT NULL,
    version int NOT NULL,
    content bytea NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now(),
    signed_at timestamptz,
    signed_by uuid,
    content_sha256 bytea,
    CONSTRAINT signed_note_has_a_digest CHECK (num_nulls(signed_at, signed_by, content_sha256) IN (0, 3))
);

CREATE FUNCTION refuse_change_of_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is signed does not change' USING ERRCODE = '23514', CONSTRAINT = 'signed_is_locked';
END $$;
CREATE TRIGGER signed_note_is_locked BEFORE UPDATE OR DELETE ON notes
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION refuse_change_of_signed();
CREATE TRIGGER signed_prescription_is_locked BEFORE UPDATE OR DELETE ON prescriptions
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION refuse_change_of_signed();

CREATE TABLE chat_lines (
    id uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointments,
    by_doctor boolean NOT NULL,
    content bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chat_lines_appointment ON chat_lines (appointment_id, at);

-- The log of a consultation that the telemedicine guidelines ask for: who joined, was admitted, left, and which mode.
CREATE TABLE call_log (
    id uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointments,
    at timestamptz NOT NULL DEFAULT now(),
    who text NOT NULL CONSTRAINT who_is_known CHECK (who IN ('doctor', 'patient')),
    event text NOT NULL,
    detail text NOT NULL DEFAULT ''
);
CREATE INDEX call_log_appointment ON call_log (appointment_id, at);
