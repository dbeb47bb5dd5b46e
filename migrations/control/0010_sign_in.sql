-- Ways in: codes, links, second steps, known devices, and what may not be done too often -------------------------------

-- One row for whoever or whatever is counted, under a keyed digest: no address can be read here. ``free_at`` is when all
-- that was counted will have been forgotten; each attempt moves it on by a fixed step.
DROP TABLE attempts;
CREATE TABLE attempts (
    subject bytea PRIMARY KEY,
    free_at timestamptz NOT NULL
);
CREATE INDEX attempts_free ON attempts (free_at);

-- A code of six digits, for one purpose and one contact, sign-up or change: the newest alone is alive.
CREATE TABLE codes (
    purpose text NOT NULL CONSTRAINT code_purpose_is_known
        CHECK (purpose IN ('sign_up', 'sign_in', 'forgotten', 'step_up', 'contact')),
    subject uuid NOT NULL,
    version int NOT NULL, -- of the index key the code is digested with
    hash bytea NOT NULL,
    told_id uuid NOT NULL, -- the message that carries it
    tries int NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    CONSTRAINT one_live_code_per_purpose PRIMARY KEY (purpose, subject)
);
CREATE INDEX codes_expire ON codes (expires_at);

ALTER TABLE sign_ups DROP COLUMN code_hash;
ALTER TABLE sign_ups DROP COLUMN code_expires_at;

-- A link that signs in. ``browser`` is the digest of what the browser keeps that asked for it.
CREATE TABLE links (
    token_hash bytea PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts ON DELETE CASCADE,
    browser bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX links_contact ON links (contact_id);
CREATE INDEX links_expire ON links (expires_at);

-- Somebody has shown the first of two factors.
CREATE TABLE challenges (
    token_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    kind text NOT NULL CONSTRAINT challenge_kind_is_known CHECK (kind IN ('browser', 'api')),
    method text NOT NULL,
    tries int NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX challenges_account ON challenges (account_id);
CREATE INDEX challenges_expire ON challenges (expires_at);

-- From what a person has signed in before. The token is what a browser keeps, or the name of a program.
CREATE TABLE devices (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    token_hash bytea NOT NULL,
    user_agent text NOT NULL DEFAULT '',
    made_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_device_per_token UNIQUE (account_id, token_hash)
);

-- A new address, first waiting for its code, then for three days for somebody to object. ``old`` is what it replaced.
CREATE TABLE contact_changes (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    kind text NOT NULL CONSTRAINT contact_kind_is_known CHECK (kind IN ('email', 'phone')),
    new bytea,
    old bytea,
    made_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    undo_hash bytea CONSTRAINT one_change_per_undo UNIQUE,
    undone_at timestamptz
);
CREATE INDEX contact_changes_account ON contact_changes (account_id);
