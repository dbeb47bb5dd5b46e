-- schedule: where and when a doctor can be seen ----------------------------------------------------------------------------
-- How this clinic goes about time. One row.
CREATE TABLE house_rules (
    here boolean PRIMARY KEY DEFAULT true CONSTRAINT one_set_of_house_rules CHECK (here),
    booking text NOT NULL DEFAULT 'instant' CONSTRAINT booking_is_known CHECK (booking IN ('instant', 'requested')),
    answer_within interval NOT NULL DEFAULT '12 hours', -- a request nobody answered expires
    late_after interval NOT NULL DEFAULT '10 minutes',
    late_rule text NOT NULL DEFAULT 'after' CONSTRAINT late_rule_is_known CHECK (late_rule IN ('keep', 'after', 'end')),
    late_places int NOT NULL DEFAULT 2 CONSTRAINT late_places_are_0_to_20 CHECK (late_places BETWEEN 0 AND 20),
    remind_before interval[] NOT NULL DEFAULT '{24 hours,1 hour,10 minutes}',
    quiet_from time NOT NULL DEFAULT '21:30',
    quiet_until time NOT NULL DEFAULT '07:00',
    offer_minutes int NOT NULL DEFAULT 30 CONSTRAINT offer_lasts_5_to_720_minutes CHECK (offer_minutes BETWEEN 5 AND 720)
);
INSERT INTO house_rules DEFAULT VALUES;

CREATE TABLE branches (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT one_branch_per_name UNIQUE,
    address text NOT NULL DEFAULT '',
    closed_at timestamptz, -- for good
    made_at timestamptz NOT NULL DEFAULT now()
);
-- Wall-clock time in the clinic's zone; a break is the gap between two rows. A branch without rows is open at any time.
CREATE TABLE branch_hours (
    branch_id uuid NOT NULL REFERENCES branches,
    weekday int NOT NULL CONSTRAINT weekday_is_1_to_7 CHECK (weekday BETWEEN 1 AND 7),
    opens time NOT NULL,
    closes time NOT NULL, -- at or before opening: on the next day
    PRIMARY KEY (branch_id, weekday, opens)
);
-- A room, a droni, a device: what a visit may need beside the doctor, one visit at a time.
CREATE TABLE resources (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL REFERENCES branches,
    kind text NOT NULL CONSTRAINT resource_kind_is_known CHECK (kind IN ('room', 'therapy_room', 'equipment')),
    name text NOT NULL,
    retired_at timestamptz,
    CONSTRAINT one_resource_per_name UNIQUE (branch_id, name)
);
-- The whole clinic, or one branch, is closed on this day of its zone.
CREATE TABLE holidays (
    id uuid PRIMARY KEY,
    day date NOT NULL,
    name text NOT NULL,
    branch_id uuid REFERENCES branches,
    CONSTRAINT one_holiday_per_day_and_place UNIQUE NULLS NOT DISTINCT (day, branch_id)
);

ALTER TABLE practitioners ADD COLUMN specialties text[] NOT NULL DEFAULT '{}'; -- as the platform knows them

ALTER TABLE offers
    ADD COLUMN every_minutes int CONSTRAINT begins_every_5_to_240_minutes CHECK (every_minutes BETWEEN 5 AND 240), -- else as long as a visit and its buffers
    ADD COLUMN before_minutes int NOT NULL DEFAULT 0 CONSTRAINT buffer_before_is_0_to_120 CHECK (before_minutes BETWEEN 0 AND 120),
    ADD COLUMN after_minutes int NOT NULL DEFAULT 0 CONSTRAINT buffer_after_is_0_to_120 CHECK (after_minutes BETWEEN 0 AND 120),
    ADD COLUMN travel_minutes int NOT NULL DEFAULT 0 CONSTRAINT travel_is_0_to_180 CHECK (travel_minutes BETWEEN 0 AND 180), -- each way
    ADD COLUMN areas text[] NOT NULL DEFAULT '{}', -- of home visits: PIN codes, or their first digits
    ADD COLUMN notice interval, -- else the practitioner's
    ADD COLUMN horizon interval, -- else the practitioner's
    ADD COLUMN daily_max int CONSTRAINT daily_max_is_positive CHECK (daily_max > 0),
    ADD CONSTRAINT only_home_visits_travel CHECK (mode = 'home_visit' OR (travel_minutes = 0 AND areas = '{}'));

ALTER TABLE weekly_hours
    ADD COLUMN branch_id uuid REFERENCES branches,
    ADD COLUMN resources uuid[] NOT NULL DEFAULT '{}'; -- all of them are booked with the doctor

CREATE TABLE weekly_breaks (
    doctor_id uuid NOT NULL REFERENCES practitioners,
    weekday int NOT NULL CONSTRAINT weekday_is_1_to_7 CHECK (weekday BETWEEN 1 AND 7),
    opens time NOT NULL, -- of the break
    closes time NOT NULL,
    PRIMARY KEY (doctor_id, weekday, opens)
);

-- An exception may come again: every n days, weeks or months from "day" on until "until", which is the last day it may
-- fall on. A month that lacks the day is left out.
ALTER TABLE exceptions
    ADD COLUMN repeats text NOT NULL DEFAULT 'once'
        CONSTRAINT repeats_is_known CHECK (repeats IN ('once', 'daily', 'weekly', 'monthly')),
    ADD COLUMN every int NOT NULL DEFAULT 1 CONSTRAINT every_is_1_to_52 CHECK (every BETWEEN 1 AND 52),
    ADD COLUMN until date,
    ADD COLUMN branch_id uuid REFERENCES branches,
    ADD COLUMN resources uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN note text NOT NULL DEFAULT '', -- for those who work here
    ADD CONSTRAINT once_has_no_end CHECK (repeats <> 'once' OR until IS NULL),
    ADD CONSTRAINT exception_ends_after_it_begins CHECK (until >= day);

CREATE FUNCTION falls_on(asked date, day date, repeats text, every int, until date) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN asked < day OR asked > coalesce(until, 'infinity') THEN false
        WHEN repeats = 'once' THEN asked = day
        WHEN repeats = 'daily' THEN (asked - day) % every = 0
        WHEN repeats = 'weekly' THEN (asked - day) % (7 * every) = 0
        ELSE extract(day FROM asked) = extract(day FROM day)
            AND ((extract(year FROM asked) - extract(year FROM day)) * 12
                + extract(month FROM asked) - extract(month FROM day))::int % every = 0
    END
$$;

-- As before, written for speed: one look at free times asks for thousands.
CREATE OR REPLACE FUNCTION instant_of(wall timestamp, zone text) RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    usual timestamptz := wall AT TIME ZONE zone;
    before timestamptz := usual - interval '6 hours';
    early timestamptz := (wall - (before AT TIME ZONE zone - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC';
BEGIN
    RETURN CASE WHEN early < usual AND early AT TIME ZONE zone = wall THEN early ELSE usual END;
END $$;

-- Wall-clock hours of a local day as instants; closing at or before opening means the next day, no hours the whole day.
CREATE FUNCTION wall_range(day date, opens time, closes time, zone text) RETURNS tstzrange LANGUAGE plpgsql STABLE AS $$
DECLARE
    starts timestamptz := instant_of(day + coalesce(opens, '00:00'), zone);
    ends timestamptz := instant_of(day + CASE WHEN closes > opens THEN 0 ELSE 1 END + coalesce(closes, '00:00'), zone);
BEGIN
    RETURN CASE WHEN starts < ends THEN tstzrange(starts, ends) ELSE 'empty' END;
END $$;

-- Away: nothing is offered in it, whatever else says so.
CREATE TABLE leaves (
    id uuid PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES practitioners,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    note text NOT NULL DEFAULT '', -- for those who work here
    made_by uuid,
    made_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz, -- taken back
    ended_by uuid,
    CONSTRAINT leave_ends_after_it_begins CHECK (ends_at > starts_at),
    CONSTRAINT one_leave_at_a_time EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (ended_at IS NULL)
);
