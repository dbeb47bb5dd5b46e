-- accounts: keys by which other systems act for a clinic ----------------------------------------------------------------

-- The secret has 256 random bits, so a plain digest says nothing about it.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinics,
    name text NOT NULL CONSTRAINT key_name_has_1_to_60_characters CHECK (char_length(name) BETWEEN 1 AND 60),
    scopes text[] NOT NULL CONSTRAINT key_has_a_scope CHECK (cardinality(scopes) > 0),
    networks cidr[] NOT NULL DEFAULT '{}', -- none: from anywhere
    secret_hash bytea NOT NULL,
    made_by uuid NOT NULL REFERENCES accounts,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz, -- at most once a minute
    revoked_at timestamptz,
    revoked_by uuid REFERENCES accounts,
    CONSTRAINT key_ends_within_a_year CHECK (expires_at <= made_at + interval '366 days')
);
CREATE INDEX api_keys_clinic ON api_keys (clinic_id);
CREATE INDEX api_keys_maker ON api_keys (made_by) WHERE revoked_at IS NULL;
