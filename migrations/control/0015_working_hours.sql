-- directory: when a doctor works at each of her clinics -------------------------------------------------------------------
-- What a wall clock in a zone shows as an instant, and the days of an exception, the same as in the databases of the
-- clinics. A single expression, not strict: so it becomes part of the query that asks, which is twenty times as fast.
CREATE FUNCTION instant_of(wall timestamp, zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN (wall - ((((wall AT TIME ZONE zone) - interval '6 hours') AT TIME ZONE zone)
                - (((wall AT TIME ZONE zone) - interval '6 hours') AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC'
                < (wall AT TIME ZONE zone)
            AND ((wall - ((((wall AT TIME ZONE zone) - interval '6 hours') AT TIME ZONE zone)
                - (((wall AT TIME ZONE zone) - interval '6 hours') AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC')
                AT TIME ZONE zone = wall
        THEN (wall - ((((wall AT TIME ZONE zone) - interval '6 hours') AT TIME ZONE zone)
                - (((wall AT TIME ZONE zone) - interval '6 hours') AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC'
        ELSE wall AT TIME ZONE zone END
$$;

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

-- A copy of what a clinic says: weekly hours, breaks, extra hours and what is closed, each as a rule. Leave and holidays
-- are not in it: they give her hours to nobody else. "next": hours that a clinic is about to set, until it has.
CREATE TABLE working_hours (
    doctor_id uuid NOT NULL REFERENCES doctors,
    clinic_id uuid NOT NULL REFERENCES clinics,
    next boolean NOT NULL,
    zone text NOT NULL,
    rules jsonb NOT NULL,
    looked_on date NOT NULL DEFAULT current_date, -- the days ahead move on, so it is looked at again each day
    PRIMARY KEY (doctor_id, clinic_id, next)
);

-- Everything these rules open from now until a year and a month from now: all the year's shifts of the clock.
CREATE FUNCTION open_during(rules jsonb, zone text) RETURNS tstzmultirange LANGUAGE sql STABLE AS $$
    WITH r AS (
        SELECT * FROM jsonb_to_recordset(rules) AS r(kind text, weekday int, day date, opens time, closes time,
            modes text[], repeats text, every int, until date)
    ), fallen AS (
        SELECT kind, modes, d + coalesce(opens, time '00:00') AS starts,
            d + CASE WHEN closes > opens THEN 0 ELSE 1 END + coalesce(closes, time '00:00') AS ends
        FROM (SELECT current_date + n AS d FROM generate_series(-2, 400) n) days JOIN r ON CASE
            WHEN weekday IS NOT NULL THEN weekday = extract(isodow FROM d)
            ELSE falls_on(d, day, repeats, every, until) END
        OFFSET 0
    ), moments AS (
        SELECT kind, modes, instant_of(starts, zone) AS starts, instant_of(ends, zone) AS ends FROM fallen OFFSET 0
    ), ranges AS (
        SELECT kind, modes, tstzrange(starts, ends) AS during FROM moments WHERE starts < ends
    ), of_mode AS (
        SELECT coalesce(range_agg(during) FILTER (WHERE kind = 'weekly'), '{}')
            - coalesce(range_agg(during) FILTER (WHERE kind = 'break'), '{}')
            + coalesce(range_agg(during) FILTER (WHERE kind = 'extra'), '{}')
            - coalesce(range_agg(during) FILTER (WHERE kind = 'closed'), '{}') AS times
        FROM ranges, unnest(modes) mode GROUP BY mode
    )
    SELECT coalesce(range_agg(t), '{}') * tstzmultirange(tstzrange(now(), NULL)) FROM of_mode, unnest(times) t
$$;

-- The first time at which these rules have a doctor work at another clinic as well.
CREATE FUNCTION works_elsewhere(doctor uuid, clinic uuid, zone text, rules jsonb)
    RETURNS TABLE (name text, starts_at timestamptz, ends_at timestamptz) LANGUAGE sql STABLE AS $$
    WITH mine AS MATERIALIZED (
        SELECT open_during(works_elsewhere.rules, works_elsewhere.zone) AS times
        WHERE EXISTS (SELECT FROM working_hours w WHERE w.doctor_id = doctor AND w.clinic_id <> clinic)
    )
    SELECT c.name, lower(o), upper(o)
    FROM mine, working_hours w JOIN clinics c ON c.id = w.clinic_id AND c.open_since IS NOT NULL,
        unnest(mine.times * open_during(w.rules, w.zone)) o
    WHERE w.doctor_id = doctor AND w.clinic_id <> clinic ORDER BY 2, 1 LIMIT 1
$$;

-- Two clinics that want the same hour of a doctor follow one another.
CREATE FUNCTION one_clinic_at_a_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken record;
BEGIN
    PERFORM FROM doctors WHERE id = NEW.doctor_id FOR NO KEY UPDATE;
    SELECT * INTO taken FROM works_elsewhere(NEW.doctor_id, NEW.clinic_id, NEW.zone, NEW.rules);
    IF FOUND THEN
        RAISE EXCEPTION 'the doctor works at another clinic then' USING ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'one_clinic_at_a_time', TABLE = 'working_hours',
            DETAIL = format('%s, from %s to %s', taken.name, taken.starts_at, taken.ends_at);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER one_clinic_at_a_time AFTER INSERT OR UPDATE ON working_hours
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION one_clinic_at_a_time();
