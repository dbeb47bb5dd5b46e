-- accounts: who else vouches for a person, by OpenID Connect ----------------------------------------------------------

-- An identity is what its issuer calls her, never her e-mail address, which may pass to somebody else.
CREATE TABLE identities (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    provider text NOT NULL, -- its name in the settings
    issuer text NOT NULL,
    subject text NOT NULL,
    sealed bytea NOT NULL, -- the address she has there, to tell two of hers apart
    connected_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_account_per_identity UNIQUE (issuer, subject)
);
CREATE INDEX identities_account ON identities (account_id);

-- An ID token signs in once. Only its digest is kept, until the token has expired.
CREATE TABLE spent_id_tokens (
    hash bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX spent_id_tokens_expired ON spent_id_tokens (expires_at);
