-- appointments: what a patient says by a link of a message -----------------------------------------------------------
ALTER TABLE appointments
    ADD COLUMN will_come_at timestamptz, -- when she said so
    ADD COLUMN late_minutes int CONSTRAINT late_by_1_to_120_minutes CHECK (late_minutes BETWEEN 1 AND 120),
    ADD COLUMN late_said_at timestamptz,
    ADD CONSTRAINT late_said_as_a_whole CHECK ((late_minutes IS NULL) = (late_said_at IS NULL));
-- Of another time nobody has said anything yet.
CREATE FUNCTION said_of_that_time_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.will_come_at = NULL;
    NEW.late_minutes = NULL;
    NEW.late_said_at = NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER said_of_that_time_alone BEFORE UPDATE OF starts_at ON appointments FOR EACH ROW
    WHEN (OLD.starts_at <> NEW.starts_at) EXECUTE FUNCTION said_of_that_time_alone();

-- Which reminder of a visit at this time went to whom. "person": her account where she acts for the patient, else the
-- patient.
CREATE TABLE reminders (
    appointment_id uuid NOT NULL REFERENCES appointments,
    starts_at timestamptz NOT NULL,
    before interval NOT NULL,
    person uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reminded_once PRIMARY KEY (appointment_id, starts_at, before, person)
);

-- What the links of messages stand for: a visit at this very time, in the hands of this person.
CREATE TABLE visit_links (
    id bytea PRIMARY KEY CONSTRAINT link_has_6_bytes CHECK (length(id) = 6),
    appointment_id uuid NOT NULL REFERENCES appointments,
    starts_at timestamptz NOT NULL,
    person uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_link_per_person_and_time UNIQUE (appointment_id, starts_at, person)
);

-- notifications: messages that must not come twice -------------------------------------------------------------------
-- Before such a message leaves, this is committed; it goes when what became of it is known.
ALTER TABLE messages
    ADD COLUMN once boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT state_is_known,
    ADD CONSTRAINT state_is_known
        CHECK (state IN ('waiting', 'queued', 'sent', 'delivered', 'failed', 'stopped', 'unknown'));
CREATE TABLE message_attempts (
    message_id uuid PRIMARY KEY REFERENCES messages,
    at timestamptz NOT NULL DEFAULT now()
);
