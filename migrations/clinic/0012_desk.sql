-- patients: found at the desk by a part of the name or the end of the number -------------------------------------------------
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX patients_name ON patients USING gin (lower(name) gin_trgm_ops);
CREATE INDEX patients_phone ON patients (reverse(phone) text_pattern_ops) WHERE phone <> '';
