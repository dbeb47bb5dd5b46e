-- records: somebody opened a record outside the care relation ---------------------------------------------------------
CREATE TABLE openings (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    account_id uuid NOT NULL,
    account_name text NOT NULL,
    reason bytea NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    open_until timestamptz NOT NULL,
    reviewed_at timestamptz,
    reviewed_by uuid,
    reviewer_name text,
    verdict text CONSTRAINT verdict_is_known CHECK (verdict IN ('in_order', 'not_in_order')),
    remark bytea,
    CONSTRAINT opening_ends_after_it_begins CHECK (open_until > opened_at),
    CONSTRAINT reviewed_as_a_whole CHECK ((reviewed_at IS NULL) = (verdict IS NULL)
        AND (reviewed_at IS NULL) = (reviewed_by IS NULL)),
    CONSTRAINT reviewed_by_somebody_else CHECK (reviewed_by <> account_id)
);
CREATE INDEX openings_of ON openings (account_id, patient_id, open_until);
CREATE INDEX openings_waiting ON openings (opened_at) WHERE reviewed_at IS NULL;
