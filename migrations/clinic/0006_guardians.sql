-- patients: somebody may act for a patient -------------------------------------------------------------------------------
-- By what right: "minor" of a child she registered, until the child is of age; "stated" of an adult for whom she says that
-- she may act; "invited" by the patient herself, or by whoever registered a patient without an account. Where the
-- guardian is reached follows her account, as it does for patients.
CREATE TABLE guardianships (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    account_id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    locale text NOT NULL,
    zone text NOT NULL,
    relation text NOT NULL CONSTRAINT relation_is_known CHECK (relation IN ('mother', 'father', 'daughter', 'son', 'wife',
        'husband', 'sister', 'brother', 'grandmother', 'grandfather', 'relative', 'legal_guardian', 'carer')),
    basis text NOT NULL CONSTRAINT basis_is_known CHECK (basis IN ('minor', 'stated', 'invited')),
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz,
    granted_by uuid NOT NULL,
    ended_by uuid, -- nobody where it ended on its own
    ended_why text, -- from the desk; those concerned read it
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT guardianship_ends_after_it_begins CHECK (valid_until >= valid_from),
    CONSTRAINT care_of_a_minor_ends CHECK (basis <> 'minor' OR valid_until IS NOT NULL),
    CONSTRAINT one_guardianship_at_a_time EXCLUDE USING gist
        (patient_id WITH =, account_id WITH =, tstzrange(valid_from, valid_until) WITH &&)
);
CREATE INDEX guardianships_account ON guardianships (account_id);
CREATE INDEX guardianships_patient ON guardianships (patient_id);

CREATE FUNCTION refuse_to_guard_oneself() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM patients p WHERE p.id = NEW.patient_id AND p.account_id = NEW.account_id) THEN
        RAISE EXCEPTION 'nobody guards herself' USING ERRCODE = '23514', CONSTRAINT = 'nobody_guards_herself';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nobody_guards_herself BEFORE INSERT ON guardianships
    FOR EACH ROW EXECUTE FUNCTION refuse_to_guard_oneself();

-- Only who has verified the address an invitation was sent to can accept it, so it needs no secret.
CREATE TABLE guardian_invitations (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    kind text NOT NULL CONSTRAINT contact_kind_is_known CHECK (kind IN ('email', 'phone')),
    sealed bytea NOT NULL, -- the address
    relation text NOT NULL,
    until timestamptz, -- of the guardianship, not of the invitation
    invited_by uuid NOT NULL,
    inviter_name text NOT NULL,
    locale text NOT NULL, -- of the inviter: we know nothing of whom she invites
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    declined_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX guardian_invitations_patient ON guardian_invitations (patient_id);
CREATE INDEX guardian_invitations_by ON guardian_invitations (invited_by, made_at);
