-- keys: sealing again with a newer key ----------------------------------------------------------------------------------
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

-- What is signed does not change, but what it is sealed with may. Only a transaction that says so, and only the sealed
-- columns: their digests, which stay, tell whether the text is still the one that was signed.
CREATE FUNCTION refuse_change_but_of_seals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('svastha.sealing_again', true) = 'yes'
        AND to_jsonb(NEW) - '{content,document}'::text[] = to_jsonb(OLD) - '{content,document}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is signed does not change' USING ERRCODE = '23514', CONSTRAINT = 'signed_is_locked';
END $$;
DROP TRIGGER signed_note_is_locked ON notes;
DROP TRIGGER signed_prescription_is_locked ON prescriptions;
CREATE TRIGGER signed_note_is_locked BEFORE UPDATE OR DELETE ON notes
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION refuse_change_but_of_seals();
CREATE TRIGGER signed_prescription_is_locked BEFORE UPDATE OR DELETE ON prescriptions
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION refuse_change_but_of_seals();
DROP FUNCTION refuse_change_of_signed();
