-- directory: what a search asks of a doctor, on each of her visits, so that a page is found in one table. A search for
-- what many have walks along an order and looks at the tags of each row; one for what few have finds them by the tags.
-- Kept by directory/refresh.py together with live; another version of the house may leave them until the next refresh.
ALTER TABLE listing_offers
    ADD COLUMN practising_since int NOT NULL DEFAULT 0,
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
UPDATE listing_offers o SET practising_since = e.practising_since, tags = e.tags
    FROM directory_entries e WHERE e.doctor_id = o.doctor_id;
CREATE INDEX listing_offers_tags ON listing_offers USING gin (tags) WHERE live;
CREATE INDEX listing_offers_experience ON listing_offers (practising_since, doctor_id) WHERE live;

-- The rule of 0012 in a form that PostgreSQL writes into the query that asks, instead of calling it for each doctor.
CREATE FUNCTION may_practise(d doctors, a accounts) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT d.state = 'verified' AND coalesce(d.valid_to >= (now() AT TIME ZONE 'Asia/Kolkata')::date, true)
        AND a.suspended_at IS NULL AND a.closed_at IS NULL
$$;
CREATE OR REPLACE FUNCTION may_practise(d doctors) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT FROM accounts a WHERE a.id = d.id AND may_practise(d, a))
$$;
