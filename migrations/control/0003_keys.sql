-- keys: every key of the house, wrapped by the key provider --------------------------------------------------------------
-- What seals columns. A version is made, spreads to all processes, then seals; later everything is sealed again with it.
CREATE TABLE data_keys (
    owner uuid NOT NULL, -- a clinic; all zeros: the platform
    version int NOT NULL CONSTRAINT versions_begin_at_1 CHECK (version BETWEEN 1 AND 65535),
    wrapped bytea,
    provider text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    current_from timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz, -- nothing is sealed with it any more
    destroyed_at timestamptz,
    PRIMARY KEY (owner, version),
    CONSTRAINT destroyed_means_gone CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
INSERT INTO data_keys (owner, version, wrapped, provider, made_at, current_from)
    SELECT id, 1, wrapped_key, 'file', made_at, made_at FROM clinics;
ALTER TABLE clinics DROP COLUMN wrapped_key;

-- What addresses are found by. coming: spreads; filling: written with every change, and into what was there before;
-- active: look-ups use it; retired: nobody does.
CREATE TABLE index_keys (
    version int PRIMARY KEY CONSTRAINT versions_begin_at_1 CHECK (version >= 1),
    wrapped bytea,
    provider text NOT NULL,
    state text NOT NULL CONSTRAINT state_is_known CHECK (state IN ('coming', 'filling', 'active', 'retired')),
    made_at timestamptz NOT NULL DEFAULT now(),
    active_since timestamptz,
    retired_at timestamptz,
    CONSTRAINT only_retired_keys_are_gone CHECK (wrapped IS NOT NULL OR state = 'retired')
);

-- What tokens are signed with (Ed25519). The public half stays for ever, the private one until its successor signs.
CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    wrapped bytea,
    provider text NOT NULL,
    public jsonb NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    current_from timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    CONSTRAINT only_retired_keys_are_gone CHECK (wrapped IS NOT NULL OR retired_at IS NOT NULL)
);

-- How far the background has come in this database.
CREATE TABLE rotations (
    what text NOT NULL CONSTRAINT what_is_known CHECK (what IN ('data', 'index')),
    version int NOT NULL,
    total bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    unreadable bigint NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (what, version)
);
