-- waiting_list: who wants a time that nobody has yet -----------------------------------------------------------------
-- For one doctor, for any doctor of a specialty here, or, with neither, for anybody here. Days, weekdays and parts of a
-- day are those of the clinic's zone. "turn" is the order of joining: the clock is too coarse for it.
CREATE TABLE waiting_list (
    id uuid PRIMARY KEY,
    turn bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT everybody_has_her_turn UNIQUE,
    patient_id uuid NOT NULL REFERENCES patients,
    doctor_id uuid REFERENCES practitioners,
    specialty text, -- as the platform knows it
    mode text NOT NULL CONSTRAINT mode_is_known CHECK (mode IN ('video', 'in_person', 'home_visit')),
    first_day date NOT NULL,
    last_day date NOT NULL,
    weekdays int[] NOT NULL DEFAULT '{1,2,3,4,5,6,7}'
        CONSTRAINT weekdays_are_1_to_7 CHECK (weekdays <> '{}' AND weekdays <@ '{1,2,3,4,5,6,7}'),
    parts text[] NOT NULL DEFAULT '{morning,afternoon,evening}'
        CONSTRAINT parts_are_known CHECK (parts <> '{}' AND parts <@ '{morning,afternoon,evening}'),
    area text, -- of a home visit: its PIN code
    made_by uuid NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended text CONSTRAINT end_is_known CHECK (ended IN ('taken', 'booked', 'left', 'unanswered', 'over')),
    ended_by uuid, -- nobody where it ended on its own
    CONSTRAINT last_day_is_not_before_the_first CHECK (last_day >= first_day),
    CONSTRAINT waits_for_a_doctor_or_a_specialty CHECK (doctor_id IS NULL OR specialty IS NULL),
    CONSTRAINT only_home_visits_have_an_area CHECK (mode = 'home_visit' OR area IS NULL),
    CONSTRAINT end_has_a_moment CHECK ((ended IS NULL) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX nobody_waits_twice_for_the_same ON waiting_list
    (patient_id, doctor_id, specialty, mode, first_day, last_day, weekdays, parts) NULLS NOT DISTINCT
    WHERE ended_at IS NULL;
CREATE INDEX waiting_list_live ON waiting_list (turn) WHERE ended_at IS NULL;
CREATE INDEX waiting_list_patient ON waiting_list (patient_id, turn);

-- A time that was offered: a hold that is hers alone until it runs out.
CREATE TABLE waiting_list_offers (
    appointment_id uuid PRIMARY KEY REFERENCES appointments,
    entry_id uuid NOT NULL REFERENCES waiting_list,
    patient_id uuid NOT NULL REFERENCES patients, -- as the entry's: for the rule below
    doctor_id uuid NOT NULL REFERENCES practitioners,
    starts_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    offered_at timestamptz NOT NULL DEFAULT now(),
    answer text CONSTRAINT answer_is_known CHECK (answer IN ('taken', 'declined', 'lapsed')),
    answered_at timestamptz,
    CONSTRAINT answer_has_a_moment CHECK ((answer IS NULL) = (answered_at IS NULL)),
    CONSTRAINT no_time_is_offered_twice UNIQUE (entry_id, doctor_id, starts_at)
);
CREATE UNIQUE INDEX one_offer_at_a_time ON waiting_list_offers (patient_id) WHERE answer IS NULL;
