-- queue: who waits for a doctor on a day -----------------------------------------------------------------------------------
-- A day is one of the clinic's zone. Whoever changes its order locks this row first.
CREATE TABLE queue_days (
    doctor_id uuid NOT NULL REFERENCES practitioners,
    day date NOT NULL,
    last_no int NOT NULL DEFAULT 0,
    late_minutes int CONSTRAINT late_is_1_to_240_minutes CHECK (late_minutes BETWEEN 1 AND 240), -- as she said
    late_said_at timestamptz,
    late_said_by uuid,
    resumes_at timestamptz, -- nobody is called before, unless somebody is
    PRIMARY KEY (doctor_id, day),
    CONSTRAINT who_is_late_comes CHECK (late_minutes IS NOT NULL OR resumes_at IS NULL)
);

-- How far along somebody is, the visit knows: its status is not repeated here.
CREATE TABLE queue_entries (
    appointment_id uuid PRIMARY KEY REFERENCES appointments,
    doctor_id uuid NOT NULL,
    day date NOT NULL,
    no int NOT NULL CONSTRAINT numbers_begin_at_1 CHECK (no > 0),
    how text NOT NULL CONSTRAINT how_is_known CHECK (how IN ('desk', 'qr', 'online')),
    arrived_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL, -- the place among those of the same priority
    first_due_at timestamptz NOT NULL, -- and the one before she was skipped
    priority text NOT NULL DEFAULT 'none'
        CONSTRAINT priority_is_known CHECK (priority IN ('none', 'emergency', 'elderly', 'pregnant')),
    priority_why bytea, -- sealed
    priority_by uuid,
    called_at timestamptz,
    called_by uuid,
    calls int NOT NULL DEFAULT 0,
    skipped_at timestamptz,
    shown jsonb, -- the wait she was told last
    CONSTRAINT one_number_for_each_of_a_day UNIQUE (doctor_id, day, no),
    CONSTRAINT a_day_has_its_queue FOREIGN KEY (doctor_id, day) REFERENCES queue_days,
    CONSTRAINT who_goes_first_has_a_reason CHECK ((priority = 'none') = (priority_why IS NULL)),
    CONSTRAINT who_was_called_was_called_by_somebody CHECK ((called_at IS NULL) = (called_by IS NULL))
);
