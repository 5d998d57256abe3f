-- What a payment is for where it is owed without an invoice.
ALTER TABLE payment ADD COLUMN receivable uuid;
ALTER TABLE payment ADD CONSTRAINT payment_for_one_debt CHECK (invoice IS NULL OR receivable IS NULL) NOT VALID;
-- Two live payments of one could both be paid, as of one invoice.
CREATE UNIQUE INDEX payment_one_live_per_named_receivable ON payment (organisation, receivable)
    WHERE receivable IS NOT NULL AND state IN ('requested', 'starting', 'unknown', 'open', 'cancelling');
CREATE INDEX payment_awaiting_its_count_of_receivable ON payment (organisation, receivable)
    WHERE awaits_counting AND receivable IS NOT NULL;
-- The table of what is owed keeps both; the name stays, since instances of the version before write by it.
COMMENT ON COLUMN receivable.invoice IS 'An invoice, or what is owed without one: their ids never meet.';
