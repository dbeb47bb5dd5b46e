-- audit: whose record, from where, and seals by which a later change shows --------------------------------------------
-- The tables named audit_… are append-only: the role the program runs as may insert and select, and nothing else.
ALTER TABLE audit_entries ADD COLUMN whose uuid;
ALTER TABLE audit_entries ADD COLUMN people uuid[]; -- who stands in the list that was read
ALTER TABLE audit_entries ADD COLUMN came_from text;
ALTER TABLE audit_entries ADD COLUMN device text;
-- Which transaction wrote it: what is older than every running transaction is complete, and can be sealed. Entries from
-- before have 0, without a rewrite of the table.
ALTER TABLE audit_entries ADD COLUMN xid xid8 NOT NULL DEFAULT '0';
ALTER TABLE audit_entries ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
CREATE INDEX audit_entries_sealing ON audit_entries (xid, id);
CREATE INDEX audit_entries_whose ON audit_entries (whose, id) WHERE whose IS NOT NULL;
CREATE INDEX audit_entries_people ON audit_entries USING gin (people) WHERE people IS NOT NULL;
CREATE INDEX audit_entries_who ON audit_entries (account_id, id) WHERE account_id IS NOT NULL;

CREATE TABLE audit_seals (
    number int CONSTRAINT one_chain PRIMARY KEY,
    previous bytea NOT NULL,
    root bytea NOT NULL,
    count int NOT NULL,
    sealed_at timestamptz NOT NULL,
    cluster text NOT NULL, -- whose transaction numbers these are: after a restore elsewhere they begin again
    upto_xid xid8 NOT NULL, -- everything before this place is sealed
    upto_id uuid NOT NULL,
    key_id text NOT NULL,
    hash bytea NOT NULL,
    signature bytea NOT NULL
);

-- What each entry was when it was sealed.
CREATE TABLE audit_leaves (
    entry_id uuid CONSTRAINT sealed_once PRIMARY KEY,
    seal int NOT NULL REFERENCES audit_seals,
    place int NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_leaves_order ON audit_leaves (seal, place);

-- How far the chains of other databases had come: what was cut off at the end shows here.
CREATE TABLE audit_anchors (
    chain text NOT NULL,
    number int NOT NULL,
    hash bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_anchor_per_seal PRIMARY KEY (chain, number)
);

-- What signs the seals (Ed25519). The private half is sealed like any column; the public one is in every export.
CREATE TABLE sealing_keys (
    id text PRIMARY KEY, -- SHA-256 of the public half
    public bytea NOT NULL,
    sealed bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
