-- accounts: people are invited to work at a clinic, and may begin anew with their second factor -----------------------

-- The link is known by its digest, written when the message is. Sending it again ends the link before.
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinics,
    kind text NOT NULL CONSTRAINT contact_kind_is_known CHECK (kind IN ('email', 'phone')),
    sealed bytea NOT NULL,
    roles text[] NOT NULL CONSTRAINT invitation_has_a_role CHECK (cardinality(roles) > 0),
    until timestamptz, -- of the roles, not of the invitation
    invited_by uuid NOT NULL REFERENCES accounts,
    token_hash bytea CONSTRAINT one_invitation_per_token UNIQUE,
    made_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    accepted_by uuid REFERENCES accounts,
    revoked_at timestamptz,
    revoked_by uuid REFERENCES accounts
);
CREATE INDEX invitations_clinic ON invitations (clinic_id, made_at);

-- Somebody lost her second factor, and a platform admin has checked who she is. Whoever opens the link has also to sign
-- in with the first.
CREATE TABLE factor_resets (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    asked_by uuid NOT NULL REFERENCES accounts,
    token_hash bytea CONSTRAINT one_reset_per_token UNIQUE,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX factor_resets_account ON factor_resets (account_id);
CREATE INDEX grants_clinic ON grants (clinic_id);

-- Whose account is suspended or closed does not practise either.
CREATE OR REPLACE FUNCTION may_practise(d doctors) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT d.state = 'verified' AND coalesce(d.valid_to >= (now() AT TIME ZONE 'Asia/Kolkata')::date, true)
        AND EXISTS (SELECT FROM accounts a WHERE a.id = d.id AND a.suspended_at IS NULL AND a.closed_at IS NULL)
$$;
