-- Receipts are chained in their series as invoices are, and what is noted of money never changes: only what became of
-- it since does. Receipts of before are in no chain.

ALTER TABLE payment_on_account
    ADD COLUMN issued_to    uuid,   -- whom the receipt was made out to, where its client was merged into another since
    ADD COLUMN sequence     bigint, -- its place in its series; empty for receipts of before there were chains of them
    ADD COLUMN hash         text,   -- over the receipt and the hash of the one before
    ADD COLUMN words_digest text,   -- what of the words on it the hash is over
    ADD COLUMN words_salt   text,   -- goes with them: nobody can try afterwards what they were
    ADD CONSTRAINT receipt_chained_as_a_whole CHECK (num_nonnulls(sequence, hash) IN (0, 2)),
    ADD CONSTRAINT receipt_numbered_in_chain CHECK (sequence IS NULL OR receipt_number IS NOT NULL);
CREATE INDEX receipt_in_chain ON payment_on_account (clinic, extract(year FROM received_on), sequence)
    WHERE sequence IS NOT NULL;

-- Words may go with a person who is forgotten; none is put in their place. What another software calls it is said once.
CREATE FUNCTION refuse_change_of_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.organisation, OLD.clinic, OLD.method, OLD.payment, OLD.currency, OLD.amount, OLD.received_on,
            OLD.created_at, OLD.kind, OLD.receipt_number, OLD.collected_by, OLD.tendered, OLD.sequence, OLD.hash,
            OLD.words_digest)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.method, NEW.payment, NEW.currency, NEW.amount,
            NEW.received_on, NEW.created_at, NEW.kind, NEW.receipt_number, NEW.collected_by, NEW.tendered, NEW.sequence,
            NEW.hash, NEW.words_digest)
        OR OLD.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference
        OR NEW.payer_name IS NOT NULL AND NEW.payer_name IS DISTINCT FROM OLD.payer_name
        OR NEW.cheque_number IS NOT NULL AND NEW.cheque_number IS DISTINCT FROM OLD.cheque_number
        OR NEW.cheque_bank IS NOT NULL AND NEW.cheque_bank IS DISTINCT FROM OLD.cheque_bank
        OR NEW.cheque_drawer IS NOT NULL AND NEW.cheque_drawer IS DISTINCT FROM OLD.cheque_drawer
        OR NEW.notes IS NOT NULL AND NEW.notes IS DISTINCT FROM OLD.notes
        OR NEW.words_salt IS NOT NULL AND NEW.words_salt IS DISTINCT FROM OLD.words_salt
        OR NEW.payer IS NOT NULL AND NOT coalesce(goes_with_client(OLD.payer, NEW.payer), false)
        OR OLD.receipt_number IS NOT NULL
            AND coalesce(NEW.issued_to, NEW.client) IS DISTINCT FROM coalesce(OLD.issued_to, OLD.client)
        OR NOT goes_with_client(OLD.client, NEW.client)
    THEN
        RAISE EXCEPTION 'what was received is noted once: payment % cannot be changed', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
-- Of the columns named only, none of which is named when money is counted, given back or put away.
CREATE TRIGGER payment_on_account_stays BEFORE UPDATE OF id, organisation, clinic, client, method, payment, currency,
    amount, received_on, created_at, kind, receipt_number, payer, payer_name, collected_by, tendered, cheque_number,
    cheque_bank, cheque_drawer, notes, reference, issued_to, sequence, hash, words_digest, words_salt
    ON payment_on_account FOR EACH ROW EXECUTE FUNCTION refuse_change_of_payment();

CREATE FUNCTION refuse_another_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT goes_with_client(OLD.client, NEW.client) THEN
        RAISE EXCEPTION '% rows go with their client only', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_goes_with_client BEFORE UPDATE OF client ON refund
    FOR EACH ROW EXECUTE FUNCTION refuse_another_client();
CREATE TRIGGER receivable_goes_with_client BEFORE UPDATE OF client ON receivable
    FOR EACH ROW EXECUTE FUNCTION refuse_another_client();
CREATE TRIGGER settlement_goes_with_client BEFORE UPDATE OF client ON settlement
    FOR EACH ROW EXECUTE FUNCTION refuse_another_client();
CREATE TRIGGER waiting_payment_goes_with_client BEFORE UPDATE OF client ON waiting_payment
    FOR EACH ROW EXECUTE FUNCTION refuse_another_client();

-- What nothing ever says anew.
CREATE TRIGGER allocation_stays BEFORE UPDATE OF payment_on_account, invoice, receivable, organisation ON allocation
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER refund_stays BEFORE UPDATE OF id, organisation, payment_on_account, currency, amount, refunded_on
    ON refund FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER receivable_stays BEFORE UPDATE OF id, organisation, clinic, currency, recorded_on, created_at
    ON receivable FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER receivable_credit_stays BEFORE UPDATE ON receivable_credit
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER settlement_stays BEFORE UPDATE OF id, organisation, first_day, last_day, author, currency, settled_on,
    created_at ON settlement FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER credit_archive_stays BEFORE UPDATE OF payment_on_account, organisation, amount, archived_on, archived_by,
    created_at ON credit_archive FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER dispute_stays BEFORE UPDATE OF payment, reference, organisation, currency, amount, created_at
    ON dispute FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER waiting_payment_stays BEFORE UPDATE OF payment, organisation, clinic, invoice, method, currency, amount,
    paid_on, held, created_at ON waiting_payment FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();

DO $$
DECLARE
    money text;
BEGIN
    FOREACH money IN ARRAY ARRAY['payment_on_account', 'allocation', 'refund', 'receivable', 'receivable_credit',
        'settlement', 'credit_archive', 'dispute', 'waiting_payment']
    LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part()',
            money || '_is_not_deleted', money);
    END LOOP;
    FOREACH money IN ARRAY ARRAY['payment_on_account', 'allocation', 'refund', 'receivable', 'receivable_credit',
        'settlement', 'settlement_part', 'credit_archive', 'dispute', 'waiting_payment']
    LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part()',
            money || '_is_not_emptied', money);
    END LOOP;
END $$;
