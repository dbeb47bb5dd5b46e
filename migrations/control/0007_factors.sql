-- factors: what proves, beside a password, that it is her ----------------------------------------------------------------

CREATE TABLE totp_secrets (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    sealed bytea NOT NULL,
    confirmed_at timestamptz, -- counts from here on
    last_step bigint NOT NULL DEFAULT 0, -- 30 seconds each since 1970; neither this one nor any before it counts again
    made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    credential_id bytea NOT NULL CONSTRAINT one_passkey_per_credential UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL CONSTRAINT passkey_name_has_1_to_60_characters CHECK (char_length(name) BETWEEN 1 AND 60),
    transports text[] NOT NULL DEFAULT '{}',
    aaguid text NOT NULL DEFAULT '',
    backed_up boolean NOT NULL DEFAULT false,
    made_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
CREATE INDEX passkeys_account ON passkeys (account_id);

CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, code_hash)
);

-- Challenges that were handed out and not yet answered. No account: whoever answers says which.
CREATE TABLE ceremonies (
    id uuid PRIMARY KEY,
    account_id uuid REFERENCES accounts,
    challenge bytea NOT NULL,
    purpose text NOT NULL CONSTRAINT ceremony_purpose_is_known CHECK (purpose IN ('register', 'sign_in', 'step_up')),
    expires_at timestamptz NOT NULL
);
CREATE INDEX ceremonies_expire ON ceremonies (expires_at);

CREATE TABLE factor_misses (
    account_id uuid NOT NULL REFERENCES accounts,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX factor_misses_account ON factor_misses (account_id, at);
