-- The books are the same whatever came first; what a person corrected stays corrected; days are the clinics' own.

-- A line is the subject of what is booked about it.
ALTER TABLE settlement_line ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
CREATE INDEX settlement_line_by_payment ON settlement_line (payment);
CREATE INDEX settlement_line_of_unknown_payment ON settlement_line (organisation, provider, payment_reference)
    WHERE payment IS NULL;

CREATE INDEX discrepancy_open_of_payment ON discrepancy (payment) WHERE closed_at IS NULL;

-- Refunds that came before the payment they are of.
CREATE TABLE waiting_refund (
    refund       uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    payment      uuid    NOT NULL,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL CHECK (amount > 0),
    completed_on date    NOT NULL
);
CREATE INDEX waiting_refund_by_payment ON waiting_refund (payment);
SELECT fence_by_organisation('waiting_refund');

-- A payout and a bank line a person took apart: matching does not put them together again.
CREATE TABLE refused_match (
    organisation uuid        NOT NULL,
    payout       uuid        NOT NULL REFERENCES payout,
    bank_line    uuid        NOT NULL REFERENCES bank_line,
    refused_by   text        NOT NULL,
    refused_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT refused_match_once PRIMARY KEY (payout, bank_line)
);
SELECT fence_by_organisation('refused_match');

-- Where the days of a clinic begin and end, where that is not the usual zone.
CREATE TABLE clinic (
    id           uuid PRIMARY KEY,
    organisation uuid NOT NULL,
    time_zone    text NOT NULL
);
SELECT fence_by_organisation('clinic');

-- The bank accounts of an organisation; once there is one, statements of others are refused.
CREATE TABLE bank_account (
    organisation uuid    NOT NULL,
    iban         text    NOT NULL,
    currency     char(3) NOT NULL,
    CONSTRAINT bank_account_once PRIMARY KEY (organisation, iban)
);
SELECT fence_by_organisation('bank_account');

-- An entry balances in each of its currencies. A batch of messages turns to another organisation before its commit, so
-- the check looks at the entry's own rows, whomever the transaction is for by then.
CREATE OR REPLACE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('quittance.organisation', true);
BEGIN
    PERFORM set_config('quittance.organisation', NEW.organisation::text, true);
    IF EXISTS (SELECT FROM ledger_line WHERE entry = NEW.entry GROUP BY currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'ledger entry % does not balance', NEW.entry USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    PERFORM set_config('quittance.organisation', coalesce(before, ''), true);
    RETURN NULL;
END $$;

-- An entry is written in one transaction; a line added later would change it.
ALTER TABLE ledger_entry ADD COLUMN made_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE FUNCTION refuse_line_of_finished_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM ledger_entry
        WHERE id = NEW.entry AND organisation = NEW.organisation AND made_in = pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_line_is_of_new_entry BEFORE INSERT ON ledger_line
    FOR EACH ROW EXECUTE FUNCTION refuse_line_of_finished_entry();
CREATE TRIGGER ledger_entry_is_never_emptied BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER ledger_line_is_never_emptied BEFORE TRUNCATE ON ledger_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- The checks look at these tables and no others: a temporary table of the same name would otherwise come first.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['refuse_unbalanced_entry', 'refuse_line_of_finished_entry'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
