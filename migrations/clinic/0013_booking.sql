-- idempotency_keys: a key is taken before anything is done, and what it stands for is asked in the same round trip --------
-- Two statements inside: one alone that took the lock and looked would not see what was committed meanwhile.
CREATE FUNCTION take_key(lock bigint, asked bytea, OUT taken boolean, OUT body_hash bytea, OUT status int, OUT reply bytea)
    LANGUAGE plpgsql AS $$
BEGIN
    taken := pg_try_advisory_xact_lock(lock);
    IF taken THEN
        SELECT k.body_hash, k.status, k.reply INTO body_hash, status, reply FROM idempotency_keys k
        WHERE k.scope = asked AND k.made_at > now() - interval '24 hours';
    END IF;
END $$;
