-- appointments: the whole life of a visit --------------------------------------------------------------------------------
-- What cancelling late or not coming costs. A visit keeps the version it was booked under.
CREATE TABLE policies (
    version int PRIMARY KEY,
    free_until interval NOT NULL CONSTRAINT free_until_is_0_to_14_days CHECK (free_until BETWEEN '0' AND '14 days'),
    late_percent int NOT NULL CONSTRAINT late_percent_is_0_to_100 CHECK (late_percent BETWEEN 0 AND 100),
    no_show_percent int NOT NULL CONSTRAINT no_show_percent_is_0_to_100 CHECK (no_show_percent BETWEEN 0 AND 100),
    made_by uuid, -- nobody: the default
    made_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO policies (version, free_until, late_percent, no_show_percent) VALUES (1, '2 hours', 50, 100);

ALTER TABLE appointments
    ADD COLUMN before_minutes int NOT NULL DEFAULT 0 CONSTRAINT buffer_before_is_not_negative CHECK (before_minutes >= 0),
    ADD COLUMN after_minutes int NOT NULL DEFAULT 0 CONSTRAINT buffer_after_is_not_negative CHECK (after_minutes >= 0),
    ADD COLUMN branch_id uuid REFERENCES branches,
    ADD COLUMN area text, -- of a home visit: its PIN code
    ADD COLUMN placed text NOT NULL DEFAULT 'booked'
        CONSTRAINT placed_is_known CHECK (placed IN ('booked', 'squeezed', 'walk_in')),
    ADD COLUMN kind text NOT NULL DEFAULT 'first' CONSTRAINT kind_is_known CHECK (kind IN ('first', 'follow_up', 'series')),
    ADD COLUMN follows_id uuid REFERENCES appointments,
    ADD COLUMN series_id uuid,
    ADD COLUMN offered boolean NOT NULL DEFAULT false, -- a hold that the waiting list gave her
    ADD COLUMN policy int NOT NULL DEFAULT 1 REFERENCES policies,
    -- Of its fee, by that policy: for cancelling late, not coming, or having moved it late. Fixed when that happens.
    ADD COLUMN charge_percent int CONSTRAINT charge_is_0_to_100_percent CHECK (charge_percent BETWEEN 0 AND 100);

-- A visit with its buffers and the way there. Minutes are the same in every zone, so this really is immutable.
CREATE FUNCTION busy_range(starts_at timestamptz, ends_at timestamptz, before_minutes int, after_minutes int)
    RETURNS tstzrange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT tstzrange(starts_at - make_interval(mins => before_minutes), ends_at + make_interval(mins => after_minutes))
$$;

ALTER TABLE appointments
    ADD CONSTRAINT only_follow_ups_follow CHECK ((kind = 'follow_up') = (follows_id IS NOT NULL)),
    ADD CONSTRAINT a_series_has_a_number CHECK ((kind = 'series') = (series_id IS NOT NULL)),
    DROP CONSTRAINT status_is_known,
    ADD CONSTRAINT status_is_known CHECK (status IN ('held', 'requested', 'confirmed', 'checked_in', 'in_progress',
        'completed', 'expired', 'declined', 'cancelled', 'no_show')),
    DROP CONSTRAINT only_holds_expire,
    ADD CONSTRAINT only_what_waits_expires CHECK ((hold_expires_at IS NOT NULL) = (status IN ('held', 'requested'))),
    DROP CONSTRAINT no_two_visits_of_one_doctor,
    DROP CONSTRAINT no_two_visits_of_one_patient,
    -- Staff may squeeze somebody in, and who walks in waits for her turn: neither has a place in the calendar.
    ADD CONSTRAINT no_two_visits_of_one_doctor EXCLUDE USING gist
        (doctor_id WITH =, busy_range(starts_at, ends_at, before_minutes, after_minutes) WITH &&)
        WHERE (placed = 'booked' AND status IN ('held', 'requested', 'confirmed', 'checked_in', 'in_progress')),
    ADD CONSTRAINT no_two_visits_of_one_patient EXCLUDE USING gist
        (patient_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (status IN ('held', 'requested', 'confirmed', 'checked_in', 'in_progress'));
CREATE INDEX appointments_series ON appointments (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX appointments_follows ON appointments (follows_id) WHERE follows_id IS NOT NULL;
CREATE INDEX appointments_waiting ON appointments (hold_expires_at) WHERE status IN ('held', 'requested');

-- What a visit needs beside its doctor. "during" and "live" follow the visit by themselves.
CREATE TABLE reservations (
    appointment_id uuid NOT NULL REFERENCES appointments,
    resource_id uuid NOT NULL REFERENCES resources,
    during tstzrange NOT NULL,
    live boolean NOT NULL DEFAULT true,
    PRIMARY KEY (appointment_id, resource_id),
    CONSTRAINT no_two_visits_in_one_room EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (live)
);
CREATE FUNCTION reservations_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE reservations SET during = tstzrange(NEW.starts_at, NEW.ends_at),
        live = NEW.placed = 'booked' AND NEW.status IN ('held', 'requested', 'confirmed', 'checked_in', 'in_progress')
    WHERE appointment_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER reservations_follow AFTER UPDATE OF starts_at, ends_at, status, placed ON appointments FOR EACH ROW
    WHEN (OLD.starts_at <> NEW.starts_at OR OLD.ends_at <> NEW.ends_at OR OLD.status <> NEW.status
        OR OLD.placed <> NEW.placed)
    EXECUTE FUNCTION reservations_follow();

-- A step that moved the visit says from when to when.
ALTER TABLE appointment_steps
    ALTER COLUMN at SET DEFAULT clock_timestamp(), -- of two who wait for one another, who comes second is later
    ADD COLUMN from_at timestamptz,
    ADD COLUMN to_at timestamptz,
    ADD COLUMN charge_percent int, -- that the visit had from this step on
    ADD CONSTRAINT only_moves_have_two_times CHECK ((status = 'rescheduled') = (from_at IS NOT NULL AND to_at IS NOT NULL));

-- Visits whose doctor will be away: what the patient was asked, and what she answered.
CREATE TABLE displacements (
    id uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointments,
    leave_id uuid NOT NULL REFERENCES leaves,
    starts_at timestamptz NOT NULL, -- of the visit, when she was asked
    made_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    answer text CONSTRAINT answer_is_known CHECK (answer IN ('moved', 'cancelled', 'leave_ended', 'seen_anyway')),
    answered_by uuid,
    CONSTRAINT answer_has_a_moment CHECK ((answer IS NULL) = (answered_at IS NULL)),
    CONSTRAINT asked_once_for_each_leave UNIQUE (appointment_id, leave_id)
);
CREATE INDEX displacements_open ON displacements (made_at) WHERE answered_at IS NULL;
