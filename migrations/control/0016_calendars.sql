-- calendars: subscriptions that programs read without signing in -----------------------------------------------------
CREATE TABLE feeds (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts, -- who made it; what it shows is what she may see at that moment
    kind text NOT NULL CONSTRAINT feed_kind_is_known CHECK (kind IN ('patient', 'doctor', 'clinic', 'branch')),
    clinic_id uuid REFERENCES clinics,
    branch_id uuid,
    secret_hash bytea NOT NULL CONSTRAINT one_feed_per_secret UNIQUE,
    made_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz, -- to a few minutes
    revoked_at timestamptz,
    revoked_by uuid,
    CONSTRAINT feeds_of_a_place_name_it CHECK ((kind IN ('clinic', 'branch')) = (clinic_id IS NOT NULL)),
    CONSTRAINT only_branches_have_a_branch CHECK ((kind = 'branch') = (branch_id IS NOT NULL)),
    CONSTRAINT revoked_by_somebody CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX feeds_account ON feeds (account_id);
CREATE INDEX feeds_clinic ON feeds (clinic_id) WHERE clinic_id IS NOT NULL;

-- notifications: reminders, and messages that must not come twice ----------------------------------------------------
-- Which reminders a person wants, everywhere: the day before, the hour before, in the last minutes. No row: all of them,
-- the way other messages come.
CREATE TABLE reminder_preferences (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    wanted text[] NOT NULL CONSTRAINT wanted_is_known CHECK (wanted <@ ARRAY['day', 'hour', 'minutes']),
    channel text CONSTRAINT channel_is_known CHECK (channel IN ('email', 'sms', 'whatsapp'))
);
ALTER TABLE messages
    ADD COLUMN once boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT state_is_known,
    ADD CONSTRAINT state_is_known
        CHECK (state IN ('waiting', 'queued', 'sent', 'delivered', 'failed', 'stopped', 'unknown'));
CREATE TABLE message_attempts (
    message_id uuid PRIMARY KEY REFERENCES messages,
    at timestamptz NOT NULL DEFAULT now()
);
