-- Which PostgreSQL server a clinic's database lies on, by the name that the settings give it. Empty: the one this
-- database lies on.
ALTER TABLE clinics ADD COLUMN server text NOT NULL DEFAULT ''
    CONSTRAINT server_has_a_short_name CHECK (server ~ '^([a-z][a-z0-9-]{0,30})?$');
