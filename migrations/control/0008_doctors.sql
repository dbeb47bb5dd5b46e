-- doctors: an application that can be left and taken up again, documents, and every decision about it -----------------

-- Registers that may have admitted a doctor of Ayurveda. Data with versions: a row is never changed, a council that
-- is renamed or merged gets valid_to and a new row. "source" says where the name was taken from.
CREATE TABLE councils (
    code text PRIMARY KEY,
    name text NOT NULL,
    region text NOT NULL, -- state or union territory; India for the central register
    register_url text, -- where a number can be looked up, if that is known
    source text NOT NULL,
    version int NOT NULL,
    valid_to date
);

INSERT INTO councils (version, source, code, region, name, register_url)
SELECT 1, 'NCISM Act 2020, s. 32 (National Register)', 'NCISM', 'India',
    'National Commission for Indian System of Medicine (National Register)', 'https://ncismindia.org/'
UNION ALL SELECT 1, 'Indian Medicine Central Council Act 1970, s. 23 (superseded 2021)', 'CCIM', 'India',
    'Central Council of Indian Medicine (Central Register)', 'https://ncismindia.org/'
UNION ALL SELECT 1, 'Name in general use; not yet compared with the list of state boards of the NCISM', code, region, name, NULL
FROM (VALUES
    ('AP', 'Andhra Pradesh', 'Andhra Pradesh Board of Indian Medicine'),
    ('AR', 'Arunachal Pradesh', 'State register, Arunachal Pradesh'),
    ('AS', 'Assam', 'Assam State Council of Indian Medicine'),
    ('BR', 'Bihar', 'Bihar State Council of Ayurvedic and Unani Medicine'),
    ('CH', 'Chandigarh', 'State register, Chandigarh'),
    ('CG', 'Chhattisgarh', 'Chhattisgarh Ayurvedic, Unani and Naturopathy Board'),
    ('DL', 'Delhi', 'Delhi Bharatiya Chikitsa Parishad'),
    ('GA', 'Goa', 'Goa Council of Indian System of Medicine'),
    ('GJ', 'Gujarat', 'Gujarat Board of Ayurvedic and Unani Systems of Medicine'),
    ('HR', 'Haryana', 'Haryana Council of Ayurvedic and Unani Systems of Medicine'),
    ('HP', 'Himachal Pradesh', 'Himachal Pradesh Board of Ayurvedic and Unani Systems of Medicine'),
    ('JK', 'Jammu and Kashmir', 'State register, Jammu and Kashmir'),
    ('JH', 'Jharkhand', 'Jharkhand State Council of Ayurvedic and Unani Medicine'),
    ('KA', 'Karnataka', 'Karnataka Ayurvedic and Unani Practitioners Board'),
    ('KL', 'Kerala', 'Travancore-Cochin Council of Indigenous Medicine'),
    ('MP', 'Madhya Pradesh', 'Madhya Pradesh Board of Ayurvedic, Unani and Natural Medicine'),
    ('MH', 'Maharashtra', 'Maharashtra Council of Indian Medicine'),
    ('MN', 'Manipur', 'State register, Manipur'),
    ('ML', 'Meghalaya', 'State register, Meghalaya'),
    ('MZ', 'Mizoram', 'State register, Mizoram'),
    ('NL', 'Nagaland', 'State register, Nagaland'),
    ('OD', 'Odisha', 'Odisha State Council of Ayurvedic Medicine'),
    ('PY', 'Puducherry', 'State register, Puducherry'),
    ('PB', 'Punjab', 'Board of Ayurvedic and Unani Systems of Medicine, Punjab'),
    ('RJ', 'Rajasthan', 'Rajasthan Board of Indian Medicine'),
    ('SK', 'Sikkim', 'State register, Sikkim'),
    ('TN', 'Tamil Nadu', 'Tamil Nadu Board of Indian Medicine'),
    ('TG', 'Telangana', 'Telangana Board of Indian Medicine'),
    ('TR', 'Tripura', 'State register, Tripura'),
    ('UK', 'Uttarakhand', 'Bharatiya Chikitsa Parishad, Uttarakhand'),
    ('UP', 'Uttar Pradesh', 'Board of Ayurvedic and Unani Tibbi Systems of Medicine, Uttar Pradesh'),
    ('WB', 'West Bengal', 'Paschim Banga Ayurved Parishad')
) AS state (code, region, name);

-- How two numbers are compared: letters and digits alone, so that "D-41017-A" is "d 41017/a".
CREATE FUNCTION registration_key(number text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(upper(normalize(number, NFKC)), '[^A-Z0-9]', '', 'g')
$$;

ALTER TABLE doctors
    ALTER COLUMN gender DROP NOT NULL, -- of a draft anything may still be missing
    ADD COLUMN state text NOT NULL DEFAULT 'draft' CONSTRAINT state_is_known
        CHECK (state IN ('draft', 'submitted', 'more_wanted', 'verified', 'refused', 'suspended')),
    ADD COLUMN state_since timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN council_code text REFERENCES councils,
    ADD COLUMN registered_on date,
    ADD COLUMN valid_to date, -- the last day on which the registration is good; null: it does not say
    ADD COLUMN degrees jsonb NOT NULL DEFAULT '[]', -- [{degree, university, year}]
    ADD COLUMN version int NOT NULL DEFAULT 1; -- of what a decision is about

UPDATE doctors SET council_code = (SELECT code FROM councils c WHERE c.name = council),
    state_since = coalesce(suspended_at, verified_at, made_at),
    state = CASE WHEN suspended_at IS NOT NULL THEN 'suspended' WHEN verified_at IS NOT NULL THEN 'verified'
        ELSE 'submitted' END;

ALTER TABLE doctors
    ADD CONSTRAINT verified_since CHECK (state NOT IN ('verified', 'suspended') OR verified_at IS NOT NULL),
    ADD CONSTRAINT unverified_is_unverified CHECK (state IN ('verified', 'suspended') OR verified_at IS NULL),
    ADD CONSTRAINT suspended_since CHECK ((state = 'suspended') = (suspended_at IS NOT NULL)),
    ADD CONSTRAINT only_a_draft_has_gaps CHECK (state = 'draft' OR (gender IS NOT NULL AND name <> ''
        AND qualifications <> '' AND council <> '' AND registration_key(registration_no) <> '')),
    ADD CONSTRAINT registration_ends_after_it_begins CHECK (valid_to > registered_on),
    DROP CONSTRAINT one_doctor_per_registration;

-- A draft claims nothing yet, and a refused application nothing any more.
CREATE UNIQUE INDEX one_doctor_per_registration ON doctors (council, registration_key(registration_no))
    WHERE state NOT IN ('draft', 'refused');
CREATE INDEX doctors_state ON doctors (state, state_since, id);

-- The one answer to the question who may be found, booked and sign: at this moment, by the calendar of India.
CREATE FUNCTION may_practise(d doctors) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT d.state = 'verified' AND coalesce(d.valid_to >= (now() AT TIME ZONE 'Asia/Kolkata')::date, true)
$$;

-- Every step of an application. "facts": the registration as it was then.
CREATE TABLE verifications (
    id uuid PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES doctors,
    step text NOT NULL CONSTRAINT step_is_known CHECK (step IN
        ('submit', 'change', 'verify', 'ask_for_more', 'refuse', 'suspend', 'reinstate', 'lapse', 'demo')),
    by_account uuid, -- null: the calendar, or the house itself
    reason text,
    facts jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT a_no_has_a_reason CHECK (step NOT IN ('ask_for_more', 'refuse', 'suspend') OR reason <> '')
);
CREATE INDEX verifications_doctor ON verifications (doctor_id, at);

CREATE FUNCTION never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME;
END $$;
CREATE TRIGGER verifications_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON verifications
    FOR EACH STATEMENT EXECUTE FUNCTION never_changed();

INSERT INTO verifications (id, doctor_id, step, facts, at)
SELECT gen_random_uuid(), id, 'demo', jsonb_build_object('name', name, 'council', council,
    'registration_no', registration_no), verified_at
FROM doctors WHERE verified_at IS NOT NULL;

-- Somebody else tried to submit the same registration: for the desk to look at.
CREATE TABLE registration_clashes (
    id uuid PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES doctors, -- who has it
    claimed_by uuid NOT NULL REFERENCES doctors,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_clash_per_claim UNIQUE (doctor_id, claimed_by)
);
CREATE INDEX registration_clashes_claimed_by ON registration_clashes (claimed_by);

CREATE TABLE doctor_documents (
    id uuid PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES doctors,
    kind text NOT NULL CONSTRAINT kind_is_known CHECK (kind IN ('registration', 'degree', 'identity')),
    media_type text NOT NULL CONSTRAINT media_type_is_known
        CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
    size int NOT NULL CONSTRAINT at_most_5_mb CHECK (size BETWEEN 1 AND 5242880),
    sealed bytea NOT NULL,
    replaced_at timestamptz, -- kept as evidence once it was submitted
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX doctor_documents_doctor ON doctor_documents (doctor_id);
ALTER TABLE doctor_documents ALTER COLUMN sealed SET STORAGE EXTERNAL; -- what is sealed does not compress
