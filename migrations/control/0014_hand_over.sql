-- accounts: from the platform's own host to a clinic's, without a cookie that both can read ----------------------------
CREATE TABLE hand_overs (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    host text NOT NULL,
    asked_hash bytea NOT NULL, -- of what only the browser that asked knows
    expires_at timestamptz NOT NULL
);
