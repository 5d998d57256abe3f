-- Accounts and journals of each organisation, periods that are frozen once they are closed, entries with their numbers.

-- What the organisation calls its accounts and journals; absent: as the French chart does.
CREATE TABLE accounting_setup (
    organisation   uuid PRIMARY KEY,
    siren          text CHECK (siren ~ '^[0-9]{9}$'),
    year_end_month int  NOT NULL CHECK (year_end_month BETWEEN 1 AND 12)
);
SELECT fence_by_organisation('accounting_setup');

CREATE TABLE chart_account (
    organisation uuid NOT NULL,
    account      text NOT NULL, -- as the ledger knows it
    number       text NOT NULL CHECK (number ~ '^[0-9]{3}[0-9A-Z]*$'),
    label        text NOT NULL,
    CONSTRAINT chart_account_once PRIMARY KEY (organisation, account)
);
SELECT fence_by_organisation('chart_account');

CREATE TABLE journal (
    organisation uuid NOT NULL,
    role         text NOT NULL,
    code         text NOT NULL,
    label        text NOT NULL,
    CONSTRAINT journal_once PRIMARY KEY (organisation, role)
);
SELECT fence_by_organisation('journal');

-- Periods that were closed; one that was opened again has no days any more.
CREATE TABLE accounting_period (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    from_day     date        NOT NULL,
    to_day       date        NOT NULL CHECK (to_day >= from_day),
    closed_by    text        NOT NULL,
    closed_at    timestamptz NOT NULL DEFAULT now(),
    reopened_by  text,
    reopened_at  timestamptz,
    reopened_because text,
    CONSTRAINT accounting_period_reopened_as_a_whole CHECK (
        (reopened_by IS NULL) = (reopened_at IS NULL) AND (reopened_by IS NULL) = (reopened_because IS NULL))
);
CREATE INDEX accounting_period_closed ON accounting_period (organisation, to_day) WHERE reopened_at IS NULL;
SELECT fence_by_organisation('accounting_period');

-- What an account was called when a period was closed: the export of a closed period never changes.
CREATE TABLE period_account (
    period       uuid NOT NULL REFERENCES accounting_period,
    organisation uuid NOT NULL,
    account      text NOT NULL,
    number       text NOT NULL,
    label        text NOT NULL,
    CONSTRAINT period_account_once PRIMARY KEY (period, account)
);
SELECT fence_by_organisation('period_account');

-- An entry once it is validated: its number, without gaps in its financial year, and its journal.
CREATE TABLE validated_entry (
    entry          uuid   PRIMARY KEY REFERENCES ledger_entry,
    organisation   uuid   NOT NULL,
    period         uuid   NOT NULL REFERENCES accounting_period,
    financial_year int    NOT NULL,
    number         bigint NOT NULL CHECK (number > 0),
    journal        text   NOT NULL,
    journal_label  text   NOT NULL,
    label          text   NOT NULL,
    valid_on       date   NOT NULL,
    CONSTRAINT validated_entry_number_once UNIQUE (organisation, financial_year, number)
);
SELECT fence_by_organisation('validated_entry');

-- What an entry is written from, and when that happened: an entry of a closed day is written on the first open one.
ALTER TABLE ledger_entry ADD COLUMN piece text NOT NULL DEFAULT '', ADD COLUMN happened_on date;
CREATE INDEX ledger_entry_by_day ON ledger_entry (organisation, booked_on, id);

-- Nothing is written in a closed period, whoever asks. Entries share a lock that closing takes alone, so that neither
-- can miss the other.
CREATE FUNCTION refuse_entry_of_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('books of ' || NEW.organisation::text, 0));
    IF EXISTS (
        SELECT FROM accounting_period
        WHERE organisation = NEW.organisation AND reopened_at IS NULL AND to_day >= NEW.booked_on
    ) THEN
        RAISE EXCEPTION 'the books are closed on %', NEW.booked_on USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_is_of_open_period BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_entry_of_closed_period();

-- A period is closed after the last one, and opened again in the opposite order; its days never change.
CREATE FUNCTION keep_periods_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('books of ' || NEW.organisation::text, 0));
    IF TG_OP = 'UPDATE' AND (
        OLD.reopened_at IS NOT NULL OR NEW.reopened_at IS NULL
        OR (NEW.id, NEW.organisation, NEW.from_day, NEW.to_day, NEW.closed_by, NEW.closed_at)
            IS DISTINCT FROM (OLD.id, OLD.organisation, OLD.from_day, OLD.to_day, OLD.closed_by, OLD.closed_at)
    ) THEN
        RAISE EXCEPTION 'a period can only be opened again, once' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (
        SELECT FROM accounting_period
        WHERE organisation = NEW.organisation AND reopened_at IS NULL AND id <> NEW.id AND to_day >= NEW.from_day
    ) THEN
        RAISE EXCEPTION 'periods are closed and opened in order' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounting_period_is_in_order BEFORE INSERT OR UPDATE ON accounting_period
    FOR EACH ROW EXECUTE FUNCTION keep_periods_in_order();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['refuse_entry_of_closed_period', 'keep_periods_in_order'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
    FOREACH name IN ARRAY ARRAY['validated_entry', 'period_account'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history()', name || '_is_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history()', name || '_is_never_emptied', name);
    END LOOP;
END $$;
CREATE TRIGGER accounting_period_is_never_deleted BEFORE DELETE ON accounting_period
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER accounting_period_is_never_emptied BEFORE TRUNCATE ON accounting_period
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
