-- directory: PostgreSQL does not look into two indexes at once where both leave out the same rows. A search for what some
-- have looks into this one and into that of the next free times, and reads only what is in both.
DROP INDEX listing_offers_tags;
CREATE INDEX listing_offers_tags ON listing_offers USING gin (tags);
