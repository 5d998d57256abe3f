-- What invoicing last told of an invoice, so that its explanation adds up.
ALTER TABLE invoice_number
    ADD COLUMN due         bigint, -- nothing where an earlier version was told of the invoice
    ADD COLUMN credited    bigint NOT NULL DEFAULT 0,
    ADD COLUMN written_off bigint NOT NULL DEFAULT 0,
    ADD COLUMN freed       bigint NOT NULL DEFAULT 0, -- of what was paid: the client's credit again
    ADD COLUMN refunded    bigint NOT NULL DEFAULT 0, -- of what was paid: given back with its price
    ADD COLUMN due_told_at timestamptz;
CREATE INDEX online_receipt_by_payment ON online_receipt (payment);
CREATE INDEX expectation_by_invoice ON expectation (invoice) WHERE invoice IS NOT NULL;
