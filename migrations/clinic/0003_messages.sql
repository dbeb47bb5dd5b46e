-- notifications: one message may go out by several channels, and nothing of it is kept in the clear --------------------
-- What was sent already is forgotten; what still waits is sent from "unsealed", which nobody writes from now on.
ALTER TABLE messages
    ADD COLUMN told_id uuid, -- what is told: shared by its copies on several channels
    ADD COLUMN place int NOT NULL DEFAULT 0, -- the turn of this channel
    ADD COLUMN state text NOT NULL DEFAULT 'queued' CONSTRAINT state_is_known
        CHECK (state IN ('waiting', 'queued', 'sent', 'delivered', 'failed', 'stopped')),
    ADD COLUMN state_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN secret boolean NOT NULL DEFAULT false,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN sealed bytea, -- address and text
    ADD COLUMN unsealed jsonb,
    ADD COLUMN provider_id text,
    ADD COLUMN reason text;
UPDATE messages SET
    told_id = id,
    state = CASE WHEN sent_at IS NULL THEN 'queued' ELSE 'sent' END,
    state_at = coalesce(sent_at, made_at),
    secret = (template = 'confirm_email'),
    unsealed = CASE WHEN sent_at IS NULL THEN jsonb_build_object(
        'address', address, 'subject', subject, 'body', body, 'attachments', attachments) END;
ALTER TABLE messages
    ALTER COLUMN told_id SET NOT NULL,
    DROP COLUMN address,
    DROP COLUMN subject,
    DROP COLUMN body,
    DROP COLUMN attachments,
    ADD CONSTRAINT channel_is_known CHECK (channel IN ('email', 'sms', 'whatsapp')),
    ADD CONSTRAINT one_channel_per_turn UNIQUE (told_id, place);
CREATE INDEX messages_provider ON messages (provider_id) WHERE provider_id IS NOT NULL;

-- For whoever has an account by her number and no e-mail address.
ALTER TABLE patients ADD COLUMN phone text NOT NULL DEFAULT '';
