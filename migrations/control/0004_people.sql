-- accounts: addresses are kept sealed and found by a keyed index, sessions know how they were proven -------------------

-- Where a person can be reached, and what she signs in with. Nobody owns an address before she has verified it.
CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    kind text NOT NULL CONSTRAINT contact_kind_is_known CHECK (kind IN ('email', 'phone')),
    sealed bytea NOT NULL,
    verified_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contacts_account ON contacts (account_id);

-- One row for each live version of the index key: while that key is changed an address is found by either.
CREATE TABLE contact_indexes (
    version int NOT NULL,
    index bytea NOT NULL,
    contact_id uuid NOT NULL REFERENCES contacts ON DELETE CASCADE,
    CONSTRAINT one_account_per_address PRIMARY KEY (version, index)
);
CREATE INDEX contact_indexes_index ON contact_indexes (index); -- look-ups name no version
CREATE INDEX contact_indexes_contact ON contact_indexes (contact_id);

-- The old column empties itself when the program that knows the keys migrates next.
ALTER TABLE accounts ALTER COLUMN email DROP NOT NULL;
ALTER TABLE accounts ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE accounts ADD COLUMN closed_at timestamptz;

-- Accounts to be: whoever waits for a code asks for a new one.
DELETE FROM sign_ups;
ALTER TABLE sign_ups DROP COLUMN email;
ALTER TABLE sign_ups ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE sign_ups ADD COLUMN kind text NOT NULL CONSTRAINT contact_kind_is_known CHECK (kind IN ('email', 'phone'));
ALTER TABLE sign_ups ADD COLUMN sealed bytea NOT NULL;
ALTER TABLE sign_ups ADD COLUMN index bytea NOT NULL;
CREATE INDEX sign_ups_index ON sign_ups (index);

-- A program's access token is signed and names its session; only a browser's token is looked up.
ALTER TABLE sessions ALTER COLUMN token_hash DROP NOT NULL;
ALTER TABLE sessions ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
ALTER TABLE sessions ADD COLUMN method text NOT NULL DEFAULT 'password';
ALTER TABLE sessions ADD COLUMN proven_at timestamptz NOT NULL DEFAULT now();
-- A session ends when nobody used it for as long as ``idle``, and at ``ends_at`` however busy it is.
ALTER TABLE sessions ADD COLUMN idle interval NOT NULL DEFAULT '7 days';
ALTER TABLE sessions ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE sessions ADD COLUMN ends_at timestamptz NOT NULL DEFAULT now() + interval '30 days';
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN device_id uuid;
ALTER TABLE sessions ADD COLUMN parent_id uuid REFERENCES sessions; -- at a clinic's own host: ends with its parent
ALTER TABLE sessions ADD COLUMN host text NOT NULL DEFAULT '';
CREATE INDEX sessions_parent ON sessions (parent_id) WHERE parent_id IS NOT NULL;

ALTER TABLE grants DROP CONSTRAINT role_is_known;
ALTER TABLE grants ADD CONSTRAINT role_is_known CHECK (role IN ('doctor', 'receptionist', 'pharmacist', 'therapist',
    'accountant', 'clinic_admin', 'auditor', 'support', 'platform_admin'));
ALTER TABLE grants DROP CONSTRAINT platform_roles_have_no_clinic;
ALTER TABLE grants ADD CONSTRAINT platform_roles_have_no_clinic CHECK (
    CASE WHEN role IN ('support', 'platform_admin') THEN clinic_id IS NULL
         WHEN role = 'auditor' THEN true
         ELSE clinic_id IS NOT NULL END);
ALTER TABLE grants ADD CONSTRAINT grant_ends_after_it_begins CHECK (valid_until > valid_from);

-- Roles that need a second factor here, beyond those that need one everywhere.
ALTER TABLE clinics ADD COLUMN second_factor_roles text[] NOT NULL DEFAULT '{}';
