-- The control database: who people are, which clinics there are, which doctors may practise, and the public directory.
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

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

-- kit: jobs -----------------------------------------------------------------------------------------------------------
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

-- accounts ------------------------------------------------------------------------------------------------------------
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email citext NOT NULL CONSTRAINT one_account_per_email UNIQUE,
    name text NOT NULL CONSTRAINT name_has_1_to_120_characters CHECK (char_length(name) BETWEEN 1 AND 120),
    password_hash text NOT NULL,
    locale text NOT NULL DEFAULT 'en' CONSTRAINT locale_is_known CHECK (locale IN ('en', 'hi')),
    zone text NOT NULL DEFAULT 'Asia/Kolkata',
    email_verified_at timestamptz,
    suspended_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT now()
);

-- Accounts to be, several for one address if several people ask. The one whose code comes back becomes the account.
CREATE TABLE sign_ups (
    id uuid PRIMARY KEY,
    email citext NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    locale text NOT NULL,
    zone text NOT NULL,
    code_hash bytea, -- none before the mail is written
    code_expires_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_ups_email ON sign_ups (email);

-- One row for each sign-in. Tokens are stored as digests; used refresh tokens stay, to notice a stolen one.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    kind text NOT NULL CONSTRAINT session_kind_is_known CHECK (kind IN ('browser', 'api')),
    token_hash bytea NOT NULL CONSTRAINT one_session_per_token UNIQUE,
    token_expires_at timestamptz NOT NULL,
    refresh_hash bytea CONSTRAINT one_session_per_refresh_token UNIQUE,
    expires_at timestamptz NOT NULL,
    user_agent text NOT NULL DEFAULT '',
    made_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_why text
);
CREATE INDEX sessions_account ON sessions (account_id) WHERE ended_at IS NULL;

CREATE TABLE spent_refresh_tokens (
    refresh_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions,
    spent_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX spent_refresh_tokens_session ON spent_refresh_tokens (session_id);

-- What an address may not do too often: fail to sign in, mistype a code, be sent a mail.
CREATE TABLE attempts (
    email citext NOT NULL,
    what text NOT NULL CONSTRAINT attempt_is_known CHECK (what IN ('password', 'code', 'mail')),
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attempts_email ON attempts (email, what, at);

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

-- clinics -------------------------------------------------------------------------------------------------------------
CREATE TABLE clinics (
    id uuid PRIMARY KEY,
    slug text NOT NULL CONSTRAINT one_clinic_per_slug UNIQUE
        CONSTRAINT slug_is_a_host_label CHECK (slug ~ '^[a-z][a-z0-9-]{1,30}[a-z0-9]$'),
    name text NOT NULL,
    address text NOT NULL,
    city text NOT NULL,
    state text NOT NULL,
    phone text NOT NULL,
    zone text NOT NULL DEFAULT 'Asia/Kolkata',
    database text NOT NULL CONSTRAINT one_clinic_per_database UNIQUE,
    wrapped_key bytea NOT NULL,
    open_since timestamptz,
    made_at timestamptz NOT NULL DEFAULT now()
);

-- Who may what, where. No clinic: the whole platform. Roles never come from the person who asks.
CREATE TABLE grants (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    role text NOT NULL CONSTRAINT role_is_known
        CHECK (role IN ('doctor', 'receptionist', 'clinic_admin', 'support', 'platform_admin')),
    clinic_id uuid REFERENCES clinics,
    granted_by uuid REFERENCES accounts,
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz,
    CONSTRAINT platform_roles_have_no_clinic CHECK ((clinic_id IS NULL) = (role IN ('support', 'platform_admin'))),
    CONSTRAINT one_grant_per_role UNIQUE NULLS NOT DISTINCT (account_id, role, clinic_id)
);

CREATE TABLE account_clinics (
    account_id uuid NOT NULL REFERENCES accounts,
    clinic_id uuid NOT NULL REFERENCES clinics,
    PRIMARY KEY (account_id, clinic_id)
);

-- doctors -------------------------------------------------------------------------------------------------------------
CREATE TABLE doctors (
    id uuid PRIMARY KEY REFERENCES accounts, -- a doctor is known everywhere by her account's id
    name text NOT NULL,
    gender text NOT NULL CONSTRAINT gender_is_known CHECK (gender IN ('female', 'male', 'other')),
    qualifications text NOT NULL,
    council text NOT NULL,
    registration_no text NOT NULL,
    practising_since int NOT NULL,
    languages text[] NOT NULL,
    specialties text[] NOT NULL,
    about text NOT NULL DEFAULT '',
    verified_at timestamptz,
    suspended_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_doctor_per_registration UNIQUE (council, registration_no)
);
