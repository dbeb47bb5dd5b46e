-- doors: processes that remember who is who, for as long as their lease lasts -----------------------------------------
CREATE UNLOGGED TABLE processes (
    id uuid PRIMARY KEY,
    leased_until timestamptz NOT NULL
);
