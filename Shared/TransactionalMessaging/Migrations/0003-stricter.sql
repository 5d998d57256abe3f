-- A key of any length can be parked: an index takes no more than some 2,700 bytes of a value.
DROP INDEX dead_letter_open_by_key;
CREATE INDEX dead_letter_open_by_key ON dead_letter (consumer, sha256(key)) WHERE state IN ('parked', 'held');

-- As before, but a day's table is made first and attached then, which does not make publishing wait behind somebody who
-- reads the journal for long; and no number of days empties it.
CREATE OR REPLACE FUNCTION maintain_outbox_journal(days_ahead integer, days_kept integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' SET timezone = 'UTC' AS $$
DECLARE
    day date;
    name text;
    old regclass;
BEGIN
    IF days_ahead NOT BETWEEN 0 AND 31 OR days_kept < 1 THEN
        RAISE 'days ahead must be 0 to 31 and days kept at least 1';
    END IF;
    -- Two callers at once would wait for each other's locks.
    IF NOT pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox_journal'), 0) THEN RETURN; END IF;
    FOR day IN SELECT current_date + n FROM generate_series(0, days_ahead) AS n LOOP
        name := 'outbox_journal_' || to_char(day, 'YYYYMMDD');
        BEGIN
            IF to_regclass(name) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE outbox_journal INCLUDING DEFAULTS)', name);
                EXECUTE format('ALTER TABLE outbox_journal ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    name, day, day + 1);
            END IF;
        EXCEPTION WHEN check_violation THEN
            NULL; -- the rest partition already has rows of this day: they stay there
        END;
    END LOOP;
    FOR old IN
        SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'outbox_journal'::regclass AND relname ~ '^outbox_journal_\d{8}$'
            AND to_date(right(relname, 8), 'YYYYMMDD') < current_date - days_kept
    LOOP
        EXECUTE format('DROP TABLE %s', old);
    END LOOP;
    DELETE FROM outbox_journal_rest WHERE published_at < current_date - days_kept;
END $$;

-- It runs with the owner's rights, so nothing of the caller's may stand in for what it names: temporary tables are
-- looked at last, and nobody runs it who was not given it (the migrator gives it to the service).
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION maintain_outbox_journal(integer, integer) SET search_path = %I, pg_temp',
        current_schema());
END $$;
REVOKE EXECUTE ON FUNCTION maintain_outbox_journal(integer, integer) FROM PUBLIC;
